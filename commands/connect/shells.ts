/** How each shell is told to sign in. Pure: text in, text out. */
import { bashQuote, conninfoValue } from "../../components/access/connection";
import { type Cloud, clouds } from "../../components/clouds";

/** Where and as whom to sign in. */
export interface SignInFacts {
    host: string;
    port: number;
    cloud: Cloud;
    /** The role's name, exactly. */
    user: string;
    database: string;
}

export const shells = ["bash", "zsh", "fish", "powershell", "cmd"] as const;
export type Shell = (typeof shells)[number];

/** What the Azure CLI calls each cloud. Source: Azure CLI, "az cloud". */
const cloudNames: Record<Cloud, string> = {
    Public: "AzureCloud",
    USGovernment: "AzureUSGovernment",
    China: "AzureChinaCloud",
};

/** The system's own roots, which psql 16 and newer know by this name. Source: PostgreSQL, "SSL Support". */
const trust = { sslmode: "verify-full", sslrootcert: "system" };

/** The command that prints a token, for the public cloud by its short name. */
export function tokenCommand(cloud: Cloud): string {
    const what = cloud === "Public" ? "--resource-type oss-rdbms" : `--scope ${clouds[cloud].tokenScope}`;
    return `az account get-access-token ${what} --query accessToken --output tsv`;
}

/** The connection as keywords and values. Source: PostgreSQL, "Connection Strings". */
export function keywords({ host, port, database, user }: SignInFacts): string {
    const values = { host, port: String(port), dbname: database, user, ...trust };
    return Object.entries(values)
        .map(([key, value]) => `${key}=${conninfoValue(value)}`)
        .join(" ");
}

/** The connection as a URI; every character that means something anywhere is encoded. */
export function uri({ host, port, database, user }: SignInFacts): string {
    const query = new URLSearchParams(trust).toString();
    return `postgresql://${encoded(user)}@${host}:${String(port)}/${encoded(database)}?${query}`;
}

/** The commands in their order: cloud, sign-in, token, psql. Nothing in them is secret, and the token is never shown. */
export function commandsFor(shell: Shell, facts: SignInFacts): string[] {
    const { cloud } = facts;
    const before = [...(cloud === "Public" ? [] : [`az cloud set --name ${cloudNames[cloud]}`]), "az login"];
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
