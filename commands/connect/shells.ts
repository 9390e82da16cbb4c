/** How each shell is told to sign in. Pure: text in, text out. */
import { type Endpoint, bashQuote, keywords, tokenCommand, trust } from "../../components/access/connection";
import { type Cloud, clouds } from "../../components/clouds";

/** Where and as whom to sign in, in which cloud. */
export interface SignInFacts extends Endpoint {
    cloud: Cloud;
}

export const shells = ["bash", "zsh", "fish", "powershell", "cmd"] as const;
export type Shell = (typeof shells)[number];

/** The connection as a URI; every character that means something anywhere is encoded. */
export function uri({ host, port, database, user }: SignInFacts): string {
    const query = new URLSearchParams(trust).toString();
    return `postgresql://${encoded(user)}@${host}:${String(port)}/${encoded(database)}?${query}`;
}

/** The commands in their order: cloud, sign-in, token, psql. Nothing in them is secret, and the token is never shown. */
export function commandsFor(shell: Shell, facts: SignInFacts): string[] {
    const { cloud } = facts;
    const before = [...(cloud === "Public" ? [] : [`az cloud set --name ${clouds[cloud].azureCliName}`]), "az login"];
    const token = tokenCommand(cloud);
    switch (shell) {
        case "bash":
        case "zsh":
            return [...before, `export PGPASSWORD="$(${token})"`, `psql ${bashQuote(keywords(facts))}`];
        case "fish":
            return [...before, `set -gx PGPASSWORD (${token})`, `psql ${fishQuote(keywords(facts))}`];
        case "powershell":
            // Older versions spoil quotes inside arguments of programs, and a URI has none.
            return [...before, `$env:PGPASSWORD = ${token}`, `psql '${uri(facts)}'`];
        case "cmd":
            // A percent sign means something to cmd, so nothing is encoded and the names are variables.
            return [
                ...before,
                `for /f "delims=" %t in ('${token}') do @set "PGPASSWORD=%t"`,
                `set "PGHOST=${facts.host}"`,
                `set "PGPORT=${String(facts.port)}"`,
                `set "PGDATABASE=${facts.database}"`,
                `set "PGUSER=${facts.user}"`,
                `set "PGSSLMODE=${trust.sslmode}"`,
                `set "PGSSLROOTCERT=${trust.sslrootcert}"`,
                "psql",
            ];
    }
}

/** Text as one word of fish. Source: fish, "Quotes". */
export function fishQuote(text: string): string {
    return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function encoded(text: string): string {
    return encodeURIComponent(text).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
}
