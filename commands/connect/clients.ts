/** Settings for programs with windows. Pure: facts in, settings and what to do with them out. */
import { resolve } from "node:path";
import { tokenCommand, trust } from "../../components/access/connection-string";
import type { SignInFacts } from "../../components/access/shells";
import { clouds } from "../../components/clouds";
import { visibleJson, visible } from "../../components/visible";
import { wrapped } from "../wrapped";

export const clients = ["pgadmin", "dbeaver", "vscode"] as const;
export type Client = (typeof clients)[number];

/** How a client is set up. */
export interface ClientGuide {
    client: Client;
    steps: string[];
    /** For pgAdmin a file that it imports, otherwise each field of the client's windows. */
    settings: Record<string, unknown>;
}

export function clientGuide(client: Client, facts: SignInFacts, rootCertificate?: string): ClientGuide {
    switch (client) {
        case "pgadmin":
            return pgAdmin(facts, rootCertificate);
        case "dbeaver":
            return dbeaver(facts);
        case "vscode":
            return visualStudioCode(facts);
    }
}

/** Source: pgAdmin 4, "Import/Export Servers" and "Server Dialog". */
function pgAdmin({ host, port, user, database, cloud }: SignInFacts, rootCertificate?: string): ClientGuide {
    if (rootCertificate === undefined) {
        throw new Error(
            "pgAdmin takes root certificates from a file. Add --save-root-certificates azure-roots.pem, which writes it.",
        );
    }
    return {
        client: "pgadmin",
        steps: [
            "Run `az login`.",
            "Save the settings below as servers.json.",
            "In pgAdmin choose Tools, Import/Export Servers, Import, and that file.",
            "Connect: pgAdmin runs the command for the token by itself. A pgAdmin in the browser doesn't; paste there what the command prints as the password.",
        ],
        settings: {
            Servers: {
                "1": {
                    Name: `${database} as ${user}`,
                    Group: "Azure",
                    Host: host,
                    Port: port,
                    MaintenanceDB: database,
                    Username: user,
                    ConnectionParameters: trust(resolve(rootCertificate)),
                    PasswordExecCommand: tokenCommand(cloud),
                    // The Azure CLI hands out a token again until five minutes before its end.
                    PasswordExecExpiration: 240,
                },
            },
        },
    };
}

/** Source: "Azure Identity Extensions library for Java", which has the plugin and its properties. */
function dbeaver({ host, port, user, database, cloud }: SignInFacts): ClientGuide {
    return {
        client: "dbeaver",
        steps: [
            "Run `az login`, and start DBeaver where it finds `az`.",
            "Make a new connection to PostgreSQL with the fields below, and leave the password empty.",
            "Under Driver Settings, Libraries add the artifact com.azure:azure-identity-extensions.",
            "Under Driver properties add the properties below. The plugin gets a token for each connection.",
            "Without the plugin: paste as the password what the command for the token prints, and don't save it.",
        ],
        settings: {
            Host: host,
            Port: port,
            Database: database,
            Username: user,
            "Driver properties": {
                sslmode: trust().sslmode,
                sslfactory: "org.postgresql.ssl.DefaultJavaSSLFactory",
                authenticationPluginClassName:
                    "com.azure.identity.extensions.jdbc.postgresql.AzurePostgresqlAuthenticationPlugin",
                ...(cloud !== "Public" && {
                    "azure.scopes": clouds[cloud].tokenScope,
                    "azure.authorityHost": `https://${clouds[cloud].authorityHost}/`,
                }),
            },
            "Command for the token": tokenCommand(cloud),
        },
    };
}

/** Source: "PostgreSQL extension for Visual Studio Code" (Microsoft Learn). */
function visualStudioCode({ host, port, user, database }: SignInFacts): ClientGuide {
    return {
        client: "vscode",
        steps: [
            "Azure Data Studio is retired; Visual Studio Code takes its place.",
            "Install Microsoft's extension: code --install-extension ms-ossdata.vscode-pgsql",
            "Choose Add Connection, the fields below, and Add Entra ID to sign in. The extension renews the token.",
        ],
        settings: {
            "Server name": host,
            "Authentication type": "Entra Auth",
            "User name": user,
            "Database name": database,
            Advanced: { Port: port, "SSL mode": trust().sslmode },
        },
    };
}

/** For a person: what to do, then the settings. */
export function describeClient({ client, steps, settings }: ClientGuide): string {
    const numbered = steps.flatMap((step, index) => {
        const [first = "", ...more] = wrapped(step, 77);
        return [`${String(index + 1)}. ${first}`, ...more.map((line) => `   ${line}`)];
    });
    return [...numbered, "", ...(client === "pgadmin" ? [visibleJson(settings)] : fields(settings))].join("\n");
}

function fields(settings: Record<string, unknown>, indent = ""): string[] {
    return Object.entries(settings).flatMap(([name, value]) =>
        typeof value === "object" && value !== null
            ? [`${indent}${name}:`, ...fields(value as Record<string, unknown>, `${indent}  `)]
            : [`${indent}${name}: ${visible(String(value))}`],
    );
}
