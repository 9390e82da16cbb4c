/** `entra-postgres connect`: how to sign in, ready to copy; or does it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type ConnectionFacts, keywords, tokenCommand } from "../../components/access/connection";
import { type Cloud, clouds, hostOf } from "../../components/clouds";
import { visibleJson } from "../../components/visible";
import { type Shell, type SignInFacts, commandsFor, shells, uri } from "./shells";

export interface ConnectOptions {
    /** The server's name or its host name, instead of a stack's outputs. */
    server?: string;
    /** A file with what `pulumi stack output --json` printed. */
    outputs?: string;
    as?: string;
    database?: string;
    cloud?: Cloud;
    port?: string;
    shell?: Shell;
    json?: boolean;
    /** Opens psql, or runs this query. */
    run?: string | boolean;
    credential?: string;
    rootCertificate?: string;
    hostAddress?: string;
}

/** Prints or runs; the result is the process's exit code. */
export async function connect(options: ConnectOptions): Promise<number> {
    const facts = await signInFactsOf(options);
    if (options.run !== undefined && options.run !== false) return run(facts, options);
    if (options.json === true) {
        const { cloud } = facts;
        const { tokenScope } = clouds[cloud];
        const commands = Object.fromEntries(shells.map((shell) => [shell, commandsFor(shell, facts)]));
        const whole = { ...facts, sslMode: "verify-full", tokenScope, tokenCommand: tokenCommand(cloud) };
        console.log(visibleJson({ ...whole, uri: uri(facts), keywords: keywords(facts), commands }));
    } else {
        console.log(commandsFor(options.shell ?? usualShell(), facts).join("\n"));
    }
    return 0;
}

/** Where and as whom to sign in, from a server's name or a stack's outputs. */
export async function signInFactsOf(options: ConnectOptions): Promise<SignInFacts> {
    return options.server === undefined ? factsOfOutputs(options) : factsOfServer(options.server, options);
}

function factsOfServer(server: string, { as, database, cloud = "Public", port }: ConnectOptions): SignInFacts {
    if (as === undefined) {
        throw new Error("Say as whom with --as: the name of a user or of a group, exactly as it is in Entra.");
    }
    return {
        host: hostOf(server, cloud),
        port: Number(port ?? 5432),
        cloud,
        user: as,
        database: database ?? "postgres",
    };
}

/** From the output `connect` of the component. */
async function factsOfOutputs(options: ConnectOptions): Promise<SignInFacts> {
    const given = options.outputs === undefined ? await text(process.stdin) : await readFile(options.outputs, "utf8");
    const wanted = "Give what `pulumi stack output --json` prints of a stack with the output `connect`, or --server.";
    let outputs: { connect?: Partial<ConnectionFacts> } | null;
    try {
        outputs = JSON.parse(given) as typeof outputs;
    } catch {
        throw new Error(`This isn't JSON. ${wanted}`);
    }
    const { host, port, signIns = [], tokenScope } = outputs?.connect ?? {};
    if (host === undefined || port === undefined) throw new Error(`There is no output connect in it. ${wanted}`);
    const { as, database } = options;
    const fitting = signIns.filter(
        (each) => (as === undefined || each.user === as) && (database === undefined || each.database === database),
    );
    const [first, ...others] = fitting;
    const user = as ?? first?.user;
    if (user === undefined || (as === undefined && others.length > 0)) {
        const known = signIns.map((each) => `  ${each.user} in ${each.database} (${each.access})`).join("\n");
        throw new Error(`Say as whom with --as, and where with --database:\n${known}`);
    }
    const names = Object.keys(clouds) as Cloud[];
    const cloud = options.cloud ?? names.find((name) => clouds[name].tokenScope === tokenScope) ?? "Public";
    return { host, port, cloud, user, database: database ?? first?.database ?? "postgres" };
}

/** The shell that a person of this system most likely has. */
function usualShell(): Shell {
    if (process.platform === "win32") return "powershell";
    const name = process.env["SHELL"]?.split("/").at(-1);
    return shells.find((shell) => shell === name) ?? "bash";
}

/** Runs psql with a fresh token, which only its environment holds. */
async function run(facts: SignInFacts, options: ConnectOptions): Promise<number> {
    // The commands alone are printed without what gets tokens, which takes a while to load.
    const { readConfiguration } = await import("../../provider/configuration.js");
    const { TokenSource } = await import("../../provider/connection/credentials.js");
    const { credential = "Default", rootCertificate, hostAddress } = options;
    const token = await new TokenSource(readConfiguration({ cloud: facts.cloud, credential })).token();
    const connection = [
        rootCertificate === undefined ? keywords(facts) : keywords(facts).replace(/ sslrootcert=\S+$/, ""),
        ...(hostAddress === undefined ? [] : [`hostaddr=${hostAddress}`]),
    ].join(" ");
    const ended = spawn("psql", [connection, ...(typeof options.run === "string" ? ["--command", options.run] : [])], {
        stdio: "inherit",
        env: {
            ...process.env,
            PGPASSWORD: token,
            ...(rootCertificate !== undefined && { PGSSLROOTCERT: rootCertificate }),
        },
    });
    const failed = once(ended, "error").then(([error]) => {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        throw new Error(
            "psql isn't installed here. Install PostgreSQL's client, or leave --run out to see the commands.",
        );
    });
    const [code] = (await Promise.race([once(ended, "close"), failed])) as [number | null];
    return code ?? 1;
}
