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

/** The facts of a server; `signIns` in the order given. */
export function connectionFacts(
    serverName: string,
    cloud: Cloud,
    signIns: readonly Omit<SignIn, "commands">[],
): ConnectionFacts {
    const host = serverHost(serverName, cloud);
    return {
        host,
        port: 5432,
        sslMode: "verify-full",
        tokenScope: clouds[cloud].tokenScope,
        signIns: signIns.map((signIn) => ({ ...signIn, commands: { bash: bashCommand(host, cloud, signIn) } })),
    };
}

/** A psql command for bash and zsh. */
function bashCommand(host: string, cloud: Cloud, signIn: { user: string; database: string }): string {
    const token =
        cloud === "Public"
            ? "az account get-access-token --resource-type oss-rdbms"
            : `az account get-access-token --scope ${clouds[cloud].tokenScope}`;
    // Certificates of the system: psql 16 and newer know them by this name.
    const connection = [
        `host=${host}`,
        "port=5432",
        `dbname=${conninfoValue(signIn.database)}`,
        `user=${conninfoValue(signIn.user)}`,
        "sslmode=verify-full",
        "sslrootcert=system",
    ].join(" ");
    return `PGPASSWORD="$(${token} --query accessToken --output tsv)" psql ${bashQuote(connection)}`;
}

/** A value of a connection string. Source: PostgreSQL, "Connection Strings". */
export function conninfoValue(value: string): string {
    return /^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/[\\']/g, "\\$&")}'`;
}

/** Text as one word of a POSIX shell. */
export function bashQuote(text: string): string {
    return `'${text.replace(/'/g, "'\\''")}'`;
}
