/** Code for applications: as it is shipped, for a server's cloud. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { variables } from "../../components/access/connection-string";
import { type Shell, type SignInFacts, variableCommands } from "../../components/access/shells";
import { clouds } from "../../components/clouds";

export const applications = ["node", "python", "java", "dotnet", "go"] as const;
export type Application = (typeof applications)[number];

const shipped: Record<Application, { file: string; install: string[] }> = {
    node: { file: "database.mjs", install: ["npm install pg @azure/identity"] },
    python: { file: "database.py", install: ['pip install "psycopg[binary,pool]" azure-identity certifi'] },
    java: {
        file: "Database.java",
        install: ["org.postgresql:postgresql", "com.zaxxer:HikariCP", "com.azure:azure-identity"].map(
            (artifact) => `Dependency of Maven or Gradle: ${artifact}`,
        ),
    },
    dotnet: { file: "Database.cs", install: ["dotnet add package Npgsql", "dotnet add package Azure.Identity"] },
    go: {
        file: "database.go",
        install: ["go get github.com/jackc/pgx/v5", "go get github.com/Azure/azure-sdk-for-go/sdk/azidentity"],
    },
};

/** What an application needs to sign in. */
export interface ApplicationGuide {
    application: Application;
    install: string[];
    /** Variables that the application and the identity library read. */
    environment: Record<string, string>;
    file: string;
    code: string;
}

export async function applicationGuide(application: Application, facts: SignInFacts): Promise<ApplicationGuide> {
    const { file, install } = shipped[application];
    const { tokenScope, authorityHost } = clouds[facts.cloud];
    const { PGSSLMODE: _mode, PGSSLROOTCERT: _roots, ...endpoint } = variables(facts);
    const code = await readFile(join(__dirname, "applications", file), "utf8");
    return {
        application,
        install,
        environment: {
            ...endpoint,
            ...(facts.cloud !== "Public" && { AZURE_AUTHORITY_HOST: `https://${authorityHost}` }),
        },
        file,
        code: code.replaceAll(clouds.Public.tokenScope, tokenScope),
    };
}

/** For a person, with the variables as a shell sets them. */
export function describeApplication({ install, environment, file, code }: ApplicationGuide, shell: Shell): string {
    return [
        "1. Install what the code needs:",
        "",
        ...install,
        "",
        "2. Say where to connect, and as whom:",
        "",
        ...variableCommands(shell, environment),
        "",
        `3. Save this as ${file}:`,
        "",
        code.trimEnd(),
    ].join("\n");
}
