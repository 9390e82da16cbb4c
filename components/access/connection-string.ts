/** Where and as whom to sign in, in the forms that PostgreSQL's clients read. */
import { type Cloud, clouds } from "../clouds";

/** Where and as whom to sign in; nothing in it is secret. */
export interface Endpoint {
    host: string;
    port: number;
    /** The role's name, exactly. */
    user: string;
    database: string;
}

/** The system's own root certificates, which PostgreSQL's client knows by this name since version 16. */
export const systemRoots = "system";

/** How the server's certificate is checked: its chain up to a root, and its name. */
export function trust(rootCertificate = systemRoots): { sslmode: "verify-full"; sslrootcert: string } {
    return { sslmode: "verify-full", sslrootcert: rootCertificate };
}

/** A connection as keywords and values. Source: PostgreSQL, "Connection Strings". */
export function keywords({ host, port, database, user }: Endpoint, rootCertificate?: string): string {
    const values = { host, port: String(port), dbname: database, user, ...trust(rootCertificate) };
    return Object.entries(values)
        .map(([key, value]) => `${key}=${conninfoValue(value)}`)
        .join(" ");
}

/** A connection as a URI; every character that means something anywhere is encoded. */
export function uri({ host, port, database, user }: Endpoint, rootCertificate?: string): string {
    const query = Object.entries(trust(rootCertificate)).map(([key, value]) => `${key}=${encoded(value)}`);
    return `postgresql://${encoded(user)}@${host}:${String(port)}/${encoded(database)}?${query.join("&")}`;
}

/** A connection as the variables that libpq and many drivers read. Source: PostgreSQL, "Environment Variables". */
export function variables({ host, port, database, user }: Endpoint, rootCertificate?: string): Record<string, string> {
    const { sslmode, sslrootcert } = trust(rootCertificate);
    return {
        PGHOST: host,
        PGPORT: String(port),
        PGDATABASE: database,
        PGUSER: user,
        PGSSLMODE: sslmode,
        PGSSLROOTCERT: sslrootcert,
    };
}

/** The ways to ask the Azure CLI for a token: by the service's short name, or by the scope of the cloud. */
export const tokenForms = ["resource-type", "scope"] as const;
export type TokenForm = (typeof tokenForms)[number];

/** The command that prints a token; unless asked otherwise by the short name in the public cloud, else by scope. */
export function tokenCommand(cloud: Cloud, form: TokenForm = cloud === "Public" ? "resource-type" : "scope"): string {
    const what = form === "scope" ? `--scope ${clouds[cloud].tokenScope}` : "--resource-type oss-rdbms";
    return `az account get-access-token ${what} --query accessToken --output tsv`;
}

/** The commands that sign in to Azure, once for many tokens. */
export function loginCommands(cloud: Cloud): string[] {
    return [...(cloud === "Public" ? [] : [`az cloud set --name ${clouds[cloud].azureCliName}`]), "az login"];
}

/** A value of a connection string. Source: PostgreSQL, "Connection Strings". */
export function conninfoValue(value: string): string {
    return /^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/[\\']/g, "\\$&")}'`;
}

function encoded(text: string): string {
    return encodeURIComponent(text).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
}
