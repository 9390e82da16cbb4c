/** Where and as whom to sign in, from what a person gives. */
import type { ConnectionFacts } from "../../components/access/connection";
import type { SignInFacts } from "../../components/access/shells";
import { type Cloud, clouds, hostOf } from "../../components/clouds";
import { givenText } from "../input";

export interface FactsOptions {
    /** The server's name or its host name, instead of a stack's outputs. */
    server?: string;
    /** A file with what `pulumi stack output --json` printed. */
    outputs?: string;
    as?: string;
    database?: string;
    cloud?: Cloud;
    port?: string;
}

export async function signInFacts(options: FactsOptions): Promise<SignInFacts> {
    return options.server === undefined ? factsOfOutputs(options) : factsOfServer(options.server, options);
}

function factsOfServer(server: string, { as, database, cloud, port }: FactsOptions): SignInFacts {
    if (as === undefined) {
        throw new Error("Say as whom with --as: the name of a user or of a group, exactly as it is in Entra.");
    }
    const known = cloud ?? cloudOfHost(server) ?? "Public";
    return {
        host: hostOf(server, known),
        port: Number(port ?? 5432),
        cloud: known,
        user: as,
        database: database ?? "postgres",
    };
}

/** A host name says by its end which cloud it is in. */
function cloudOfHost(host: string): Cloud | undefined {
    const names = Object.keys(clouds) as Cloud[];
    return names.find((name) => host.endsWith(`.${clouds[name].hostSuffix}`));
}

/** From the output `connect` of the component. */
async function factsOfOutputs(options: FactsOptions): Promise<SignInFacts> {
    const wanted = "Give what `pulumi stack output --json` prints of a stack with the output `connect`, or --server.";
    const given = await givenText(options.outputs, wanted);
    let outputs: { connect?: Partial<ConnectionFacts> } | null;
    try {
        outputs = JSON.parse(given) as typeof outputs;
    } catch {
        throw new Error(`This isn't JSON. ${wanted}`);
    }
    const { host, port, signIns = [], cloud } = outputs?.connect ?? {};
    if (host === undefined || port === undefined) throw new Error(`There is no output connect in it. ${wanted}`);
    const { as, database } = options;
    const fitting = signIns.filter(
        (each) => (as === undefined || each.user === as) && (database === undefined || each.database === database),
    );
    const [first, ...others] = fitting;
    const user = as ?? first?.user;
    if (user === undefined || (as === undefined && others.length > 0)) {
        const known = signIns.map((each) => `\n  ${each.user} in ${each.database} (${each.access})`).join("");
        throw new Error(
            known === ""
                ? "The stack gives nobody access. Say as whom with --as, such as an administrator."
                : `Say as whom with --as, and where with --database:${known}`,
        );
    }
    return {
        host,
        port: Number(options.port ?? port),
        cloud: options.cloud ?? cloud ?? cloudOfHost(host) ?? "Public",
        user,
        database: database ?? first?.database ?? "postgres",
    };
}
