import { type Cloud, clouds, serverHost } from "../clouds";
import type { PrincipalType } from "../server/entra-administrators";

/** A principal that may sign in, as a person needs to know it. */
export interface SignIn {
    /** The user name to give, exactly. */
    user: string;
    principalType: PrincipalType;
    /** The database to name. */
    database: string;
    /** What the principal may do there. */
    access: string;
    /** Ready commands. They fetch a token and never show it. */
    commands: { bash: string };
}

/** What a client must know to connect; nothing in it is secret. */
export interface ConnectionFacts {
    host: string;
    port: number;
    /** Verify the server's certificate and its name. */
    sslMode: "verify-full";
    /** The scope to ask a token for. The token is the password. */
    tokenScope: string;
    signIns: SignIn[];
}

/** Where and as whom to sign in. */
export interface Endpoint {
    host: string;
    port: number;
    /** The role's name, exactly. */
    user: string;
    database: string;
}

/** The facts of a server; `signIns` in the order given. */
export function connectionFacts(
    serverName: string,
    cloud: Cloud,
    signIns: readonly Omit<SignIn, "commands">[],
): ConnectionFacts {
    const server = { host: serverHost(serverName, cloud), port: 5432 };
    return {
        ...server,
        sslMode: "verify-full",
        tokenScope: clouds[cloud].tokenScope,
        signIns: signIns.map((signIn) => ({
            ...signIn,
            commands: { bash: bashCommand(cloud, { ...server, ...signIn }) },
        })),
    };
}

/** A psql command for bash and zsh. */
function bashCommand(cloud: Cloud, endpoint: Endpoint): string {
    return `PGPASSWORD="$(${tokenCommand(cloud)})" psql ${bashQuote(keywords(endpoint))}`;
}

/** The server's certificate is checked against the system's own roots, which psql 16 and newer know by this name. */
export const trust = { sslmode: "verify-full", sslrootcert: "system" };

/** The command that prints a token, for the public cloud by its short name. */
export function tokenCommand(cloud: Cloud): string {
    const what = cloud === "Public" ? "--resource-type oss-rdbms" : `--scope ${clouds[cloud].tokenScope}`;
    return `az account get-access-token ${what} --query accessToken --output tsv`;
}

/** A connection as keywords and values. Source: PostgreSQL, "Connection Strings". */
export function keywords({ host, port, database, user }: Endpoint): string {
    const values = { host, port: String(port), dbname: database, user, ...trust };
    return Object.entries(values)
        .map(([key, value]) => `${key}=${conninfoValue(value)}`)
        .join(" ");
}

/** A value of a connection string. Source: PostgreSQL, "Connection Strings". */
export function conninfoValue(value: string): string {
    return /^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/[\\']/g, "\\$&")}'`;
}

/** Text as one word of a POSIX shell. */
export function bashQuote(text: string): string {
    return `'${text.replace(/'/g, "'\\''")}'`;
}
