/** How each shell is told to sign in. Pure: text in, text out. */
import type { Cloud } from "../clouds";
import { type Endpoint, type TokenForm, keywords, tokenCommand, uri, variables } from "./connection-string";

/** Where and as whom to sign in, in which cloud. */
export interface SignInFacts extends Endpoint {
    cloud: Cloud;
}

export const shells = ["bash", "zsh", "fish", "powershell", "cmd"] as const;
export type Shell = (typeof shells)[number];

/** How psql is told where to connect. */
export const connectionForms = ["keywords", "uri", "variables"] as const;
export type ConnectionForm = (typeof connectionForms)[number];

export interface CommandChoices {
    tokenForm?: TokenForm | undefined;
    /** @default - the form that holds any name in the shell */
    connectionForm?: ConnectionForm | undefined;
    /** A file with root certificates. @default - the system's own */
    rootCertificate?: string | undefined;
}

/** The form that holds any name in a shell. */
const usualForms: Record<Shell, ConnectionForm> = {
    bash: "keywords",
    zsh: "keywords",
    fish: "keywords",
    // Older versions spoil quotes inside arguments of programs, and a URI has none.
    powershell: "uri",
    // A percent sign means something to cmd, so nothing is encoded and the names are variables.
    cmd: "variables",
};

/** The commands that get a token and open psql. Nothing in them is secret, and the token is never shown. */
export function psqlCommands(
    shell: Shell,
    facts: SignInFacts,
    { tokenForm, connectionForm = usualForms[shell], rootCertificate }: CommandChoices = {},
): string[] {
    const token = intoVariable(shell, "PGPASSWORD", tokenCommand(facts.cloud, tokenForm));
    switch (connectionForm) {
        case "keywords":
            return [token, `psql ${argument(shell, keywords(facts, rootCertificate))}`];
        case "uri":
            return [token, `psql ${argument(shell, uri(facts, rootCertificate))}`];
        case "variables":
            return [token, ...variableCommands(shell, variables(facts, rootCertificate)), "psql"];
    }
}

/** The commands that set variables for this shell and what it starts. */
export function variableCommands(shell: Shell, values: Record<string, string>): string[] {
    return Object.entries(values).map(([name, value]) => {
        switch (shell) {
            case "bash":
            case "zsh":
                return `export ${name}=${bashQuote(value)}`;
            case "fish":
                return `set -gx ${name} ${fishQuote(value)}`;
            case "powershell":
                return `$env:${name} = ${powershellQuote(value)}`;
            case "cmd":
                return cmdVariable(name, value);
        }
    });
}

/** Sets a variable to what a command prints. */
function intoVariable(shell: Shell, name: string, command: string): string {
    switch (shell) {
        case "bash":
        case "zsh":
            return `export ${name}="$(${command})"`;
        case "fish":
            return `set -gx ${name} (${command})`;
        case "powershell":
            return `$env:${name} = ${command}`;
        case "cmd":
            return `for /f "delims=" %t in ('${command}') do @set "${name}=%t"`;
    }
}

/** Text as one argument of a program. */
function argument(shell: Shell, text: string): string {
    switch (shell) {
        case "bash":
        case "zsh":
            return bashQuote(text);
        case "fish":
            return fishQuote(text);
        case "powershell":
            if (text.includes('"')) throw unfit("PowerShell before 7.3 loses double quotes", "uri");
            return powershellQuote(text);
        case "cmd":
            if (/["%]/.test(text)) throw unfit("cmd changes percent signs and double quotes", "variables");
            return `"${text}"`;
    }
}

function unfit(reason: string, better: ConnectionForm): Error {
    return new Error(
        `${reason} in an argument, and this connection has them. Use --connection-form ${better}, or leave it out.`,
    );
}

/** Text as one word of a POSIX shell. */
export function bashQuote(text: string): string {
    return `'${text.replace(/'/g, "'\\''")}'`;
}

/** Text as one word of fish. Source: fish, "Quotes". */
export function fishQuote(text: string): string {
    return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** Text as one word of PowerShell, to which typographic quotes are quotes too. Source: "about_Quoting_Rules". */
export function powershellQuote(text: string): string {
    return `'${text.replace(/['\u2018-\u201B]/g, "$&$&")}'`;
}

/** In quotes nothing means anything to cmd but quotes and percent signs; outside a caret takes the meaning away. */
function cmdVariable(name: string, value: string): string {
    return /["%]/.test(value) ? `set ${name}=${value.replace(/["%&|<>^()]/g, "^$&")}` : `set "${name}=${value}"`;
}
