/** How the commands reach a server: as the provider does, with options in place of a stack's configuration. */
import type { ClientBase } from "pg";
import { checkConfiguration, readConfiguration } from "../../provider/configuration";
import { Connections } from "../../provider/connection/connections";
import { givenText } from "../input";

export interface ConnectionOptions {
    server: string;
    as: string;
    cloud?: string;
    credential?: string;
    hostAddress?: string;
    port?: string;
    /** A file with certificates in PEM. */
    rootCertificate?: string;
}

/** Works with database `postgres` of a server, signed in as an Entra administrator. */
export async function withServer<T>(options: ConnectionOptions, work: (client: ClientBase) => Promise<T>): Promise<T> {
    const { server, as, rootCertificate, ...rest } = options;
    const given = Object.fromEntries(
        Object.entries({
            cloud: rest.cloud,
            credential: rest.credential,
            hostAddress: rest.hostAddress,
            port: rest.port,
            ...(rootCertificate !== undefined && {
                rootCertificate: await givenText(rootCertificate, "Give a file with certificates in PEM."),
            }),
        }).filter(([, value]) => value !== undefined),
    );
    const [fault] = checkConfiguration(given);
    if (fault) throw new Error(`--${fault.property}: ${fault.reason}`);
    const connections = new Connections(readConfiguration(given));
    try {
        return await connections.use({ serverName: server, signInAs: as }, work);
    } finally {
        await connections.close();
    }
}
