import pg from "pg";
import type { Emulation } from "../../local/emulation";

/** A connection to a server of an emulation, signed in as an object of the directory. */
export async function signIn(
    emulation: Emulation,
    host: string,
    { objectId }: { objectId: string },
    user: string,
    database: string,
): Promise<pg.Client> {
    const client = new pg.Client({
        host: "127.0.0.1",
        port: emulation.gateway.port,
        user,
        password: await emulation.issuer.issue({ objectId }),
        database,
        ssl: { ca: emulation.gateway.certificates.root, servername: host },
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
}
