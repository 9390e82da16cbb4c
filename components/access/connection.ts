import { type Cloud, clouds, serverHost } from "../clouds";
import type { PrincipalType } from "../server/entra-administrators";
import { keywords, loginCommands, uri } from "./connection-string";
import { psqlCommands } from "./shells";

/** A principal that may sign in, as a person needs to know it. */
export interface SignIn {
    /** The user name to give, exactly. */
    user: string;
    /** The kind of Entra object whose token opens it. */
    principalType: PrincipalType;
    /** The database to name. */
    database: string;
    /** What the principal may do there. */
    access: string;
    /** The connection as a URI, without the token. */
    uri: string;
    /** The connection as keywords and values of PostgreSQL's client, without the token. */
    keywords: string;
    /** Ready commands. They fetch a token, never show it, and open psql. */
    commands: SignInCommands;
}

/** The same commands for each shell, a command a line. */
export interface SignInCommands {
    /** For bash. */
    bash: string;
    /** For zsh. */
    zsh: string;
    /** For fish. */
    fish: string;
    /** For PowerShell 7 and Windows PowerShell. */
    powershell: string;
    /** For the command prompt of Windows. */
    cmd: string;
}

/** What a client must know to connect; nothing in it is secret. */
export interface ConnectionFacts {
    /** The server's host name. */
    host: string;
    /** The port of PostgreSQL. */
    port: number;
    /** The cloud in which the server is. */
    cloud: Cloud;
    /** Verify the server's certificate and its name. */
    sslMode: "verify-full";
    /** The scope to ask a token for. The token is the password. */
    tokenScope: string;
    /** The commands that sign in to Azure, in any shell, once for many tokens. */
    azureSignIn: string[];
    /** Who may sign in, in the order of the program. */
    signIns: SignIn[];
}

/** The facts of a server; `signIns` in the order given. */
export function connectionFacts(
    serverName: string,
    cloud: Cloud,
    signIns: readonly Pick<SignIn, "user" | "principalType" | "database" | "access">[],
): ConnectionFacts {
    const server = { host: serverHost(serverName, cloud), port: 5432, cloud };
    return {
        ...server,
        sslMode: "verify-full",
        tokenScope: clouds[cloud].tokenScope,
        azureSignIn: loginCommands(cloud),
        signIns: signIns.map((signIn) => {
            const facts = { ...server, ...signIn };
            return { ...signIn, uri: uri(facts), keywords: keywords(facts), commands: commandsOf(facts) };
        }),
    };
}

function commandsOf(facts: Parameters<typeof psqlCommands>[1]): SignInCommands {
    return {
        bash: psqlCommands("bash", facts).join("\n"),
        zsh: psqlCommands("zsh", facts).join("\n"),
        fish: psqlCommands("fish", facts).join("\n"),
        powershell: psqlCommands("powershell", facts).join("\n"),
        cmd: psqlCommands("cmd", facts).join("\n"),
    };
}
