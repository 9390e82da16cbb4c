/** `entra-postgres connect`: how to sign in, ready to copy; or does it. */
import { writeFile } from "node:fs/promises";
import {
    type TokenForm,
    keywords,
    loginCommands,
    tokenCommand,
    trust,
    uri,
    variables,
} from "../../components/access/connection-string";
import {
    type CommandChoices,
    type ConnectionForm,
    type Shell,
    type SignInFacts,
    psqlCommands,
    shells,
} from "../../components/access/shells";
import { clouds } from "../../components/clouds";
import { visible, visibleJson } from "../../components/visible";
import { screen } from "../screen";
import type { Application } from "./applications";
import type { Client } from "./clients";
import { type FactsOptions, signInFacts } from "./facts";

export interface ConnectOptions extends FactsOptions {
    shell?: Shell;
    tokenForm?: TokenForm;
    connectionForm?: ConnectionForm;
    client?: Client;
    application?: Application;
    json?: boolean;
    /** Opens psql, or runs this query. */
    run?: string | boolean;
    credential?: string;
    rootCertificate?: string;
    /** Writes the root certificates to this file, and uses it. */
    saveRootCertificates?: string;
    hostAddress?: string;
}

/** Prints or runs; the result is the process's exit code. */
export async function connect(options: ConnectOptions): Promise<number> {
    const facts = await signInFacts(options);
    const { saveRootCertificates } = options;
    if (saveRootCertificates !== undefined) {
        const { azureRootCertificates } = await import("./root-certificates.js");
        await writeFile(saveRootCertificates, azureRootCertificates());
    }
    const rootCertificate = options.rootCertificate ?? saveRootCertificates;
    if (options.run !== undefined && options.run !== false) return run(facts, { ...options, rootCertificate });
    refuseUnprintable(facts);
    const choices = { ...options, rootCertificate };
    const shell = options.shell ?? usualShell();
    if (options.client !== undefined) {
        const { clientGuide, describeClient } = await import("./clients.js");
        const guide = clientGuide(options.client, facts, rootCertificate);
        console.log(options.json === true ? visibleJson(guide) : describeClient(guide));
        return 0;
    }
    if (options.application !== undefined) {
        const { applicationGuide, describeApplication } = await import("./applications.js");
        const guide = await applicationGuide(options.application, facts);
        console.log(options.json === true ? visibleJson(guide) : describeApplication(guide, shell));
        return 0;
    }
    if (options.json === true) {
        console.log(visibleJson(everything(facts, choices)));
        return 0;
    }
    console.log([...loginCommands(facts.cloud), ...psqlCommands(shell, facts, choices)].join("\n"));
    if (rootCertificate === undefined) await warnOfOldPsql();
    return 0;
}

/** Commands are copied from a terminal into a shell, and both act on such characters, in quotes as well. */
function refuseUnprintable({ user, database }: SignInFacts): void {
    const unprintable = [user, database].filter((name) => /\p{Cc}/u.test(name));
    if (unprintable.length === 0) return;
    const names = unprintable.map((name) => `"${visible(name)}"`).join(" and ");
    throw new Error(`${names} has control characters, which no command holds safely. Use --run, which needs no shell.`);
}

/** All that there is to know, for programs. */
function everything(facts: SignInFacts, choices: CommandChoices): Record<string, unknown> {
    const { cloud } = facts;
    const { rootCertificate } = choices;
    return {
        ...facts,
        azureCliName: clouds[cloud].azureCliName,
        tokenScope: clouds[cloud].tokenScope,
        tokenCommands: {
            resourceType: tokenCommand(cloud, "resource-type"),
            scope: tokenCommand(cloud, "scope"),
        },
        sslMode: trust().sslmode,
        sslRootCertificate: trust(rootCertificate).sslrootcert,
        uri: uri(facts, rootCertificate),
        keywords: keywords(facts, rootCertificate),
        variables: variables(facts, rootCertificate),
        azureSignIn: loginCommands(cloud),
        commands: Object.fromEntries(shells.map((shell) => [shell, psqlCommands(shell, facts, choices)])),
    };
}

/** The shell that a person of this system most likely has. */
function usualShell(): Shell {
    if (process.platform === "win32") return "powershell";
    const name = process.env["SHELL"]?.split("/").at(-1);
    return name === "pwsh" ? "powershell" : (shells.find((shell) => shell === name) ?? "bash");
}

async function warnOfOldPsql(): Promise<void> {
    const { findsSystemRoots, psqlVersion } = await import("./psql.js");
    const version = await psqlVersion();
    if (version === undefined || findsSystemRoots(version)) return;
    screen.warning(
        `psql ${version} of this machine doesn't find the system's root certificates.\n` +
            "Add --save-root-certificates roots.pem: it writes those of Azure and names the file.",
    );
}

async function run(
    facts: SignInFacts,
    {
        run: query,
        credential = "Default",
        rootCertificate,
        hostAddress,
    }: Omit<ConnectOptions, "rootCertificate"> & CommandChoices,
): Promise<number> {
    // The commands alone are printed without what gets tokens, which takes a while to load.
    const { readConfiguration } = await import("../../provider/configuration.js");
    const { TokenSource } = await import("../../provider/connection/credentials.js");
    const { runPsql } = await import("./psql.js");
    const token = await new TokenSource(readConfiguration({ cloud: facts.cloud, credential })).token();
    return runPsql(facts, {
        query: typeof query === "string" ? query : undefined,
        token,
        rootCertificate,
        hostAddress,
    });
}
