/** The commands of `entra-postgres` and their options. What a command needs is loaded when it runs, so that help is quick. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { version } from "../package.json";
import { tokenForms } from "../components/access/connection-string";
import { connectionForms, shells } from "../components/access/shells";
import { type Cloud, clouds } from "../components/clouds";
import { credentialKinds } from "../provider/configuration";
import { type CompletionShell, completionScript, completionShells } from "./completion";
import { applications } from "./connect/applications";
import { clients } from "./connect/clients";
import type { ConnectOptions } from "./connect/connect";
import type { DoctorOptions } from "./doctor/doctor";
import { tablePrivileges } from "./doctor/table-privileges";
import { describeExitCodes, exitCodes, wrongOptions } from "./exit-codes";
import type { LocalOptions } from "./local/local";
import type { CheckOptions } from "./network/check";
import type { PlanOptions } from "./plan/plan";
import type { ConnectionOptions } from "./principals/connection";
import type { SqlOptions } from "./sql/sql";
import { gateExitCode, gates } from "./summary/gates";
import type { SummaryOptions } from "./summary/summary";

const previewed = "what `pulumi preview --json --show-sames` printed";

/** Every command, ready to parse arguments or to be described; nothing runs before. */
export function program(): Command {
    const command = new Command("entra-postgres")
        .description("Entra sign-in to Azure Database for PostgreSQL flexible server")
        .version(version)
        .showHelpAfterError("(entra-postgres --help lists the commands)")
        .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : wrongOptions));

    // The emulation stays in the repository: PostgreSQL alone is larger than all that a deployment needs.
    if (existsSync(join(__dirname, "local"))) {
        command
            .command("local")
            .description("run the main job on this machine, against an emulation of Azure")
            .option("--keep", "leave it running at the end and say how to connect")
            .addOption(
                new Option("--network <mode>", "how the server is reached")
                    .choices(["public", "virtual-network", "private-endpoint"])
                    .default("public"),
            )
            .action(async (options: LocalOptions) => {
                const { local } = await import("./local/local.js");
                process.exitCode = await local(options);
            });

        command
            .command("plan")
            .description("preview the stacks against the emulation; keep what they make as files")
            .argument("[stacks...]", "which (default: every stack in stacks/)")
            .option("--check", "compare with the files instead of writing them")
            .action(async (stacks: string[], options: PlanOptions) => {
                const { plan } = await import("./plan/plan.js");
                process.exitCode = await plan(stacks, options);
            });
    }

    connecting(command.command("import"))
        .description("print what imports the principals of a server into a stack")
        .option("--json", "the file for `pulumi import --file` alone")
        .action(async (options: ConnectionOptions & { json?: boolean }) => {
            const { importPrincipals } = await import("./principals/import.js");
            await importPrincipals(options);
        });

    connecting(command.command("sync"))
        .description("bring the roles of groups' members in step now")
        .action(async (options: ConnectionOptions) => {
            const { sync } = await import("./principals/sync.js");
            await sync(options);
        });

    command
        .command("sql")
        .description("print a preview's principals and grants as one SQL script for psql")
        .option("--preview <file>", `${previewed} (default: standard input)`)
        .option("--output <file>", "where to write the script (default: standard output)")
        .action(async (options: SqlOptions) => {
            const { sql } = await import("./sql/sql.js");
            await sql(options);
        });

    command
        .command("summary")
        .description("turn a preview into one comment for a pull request")
        .argument("[file]", `${previewed} (default: standard input)`)
        .option("--comment-marker <stack>", "what tells this stack's comment from others'")
        .option("--post", "write or update the comment on GitHub, with GITHUB_TOKEN")
        .option("--repository <owner/name>", "where to post (default: GITHUB_REPOSITORY)")
        .option("--pull-request <number>", "where to post (default: as GITHUB_REF says)")
        .addOption(
            new Option("--fail-on <what>", `end with exit code ${String(gateExitCode)} (may be repeated)`)
                .choices(gates)
                // A parser of our own collects what is repeated; it takes the place of the one that checks the choices.
                .argParser((value: string, previous: string[] | undefined) => {
                    if (!gates.some((gate) => gate === value)) {
                        throw new InvalidArgumentError(`Allowed choices are ${gates.join(", ")}.`);
                    }
                    return [...(previous ?? []), value];
                }),
        )
        .addHelpText("after", "\nPut `--show-sames` to the preview to have everything at risk named.")
        .action(async (file: string | undefined, options: SummaryOptions) => {
            const { summary } = await import("./summary/summary.js");
            process.exitCode = await summary(file, options);
        });

    command
        .command("connect")
        .description("say how to sign in from any shell, or do it")
        .option("--outputs <file>", "what `pulumi stack output --json` printed (default: standard input)")
        .option("--server <name>", "the server's name or host name, instead of outputs")
        .option("--as <name>", "the user or group to sign in as, exactly as in Entra")
        .option("--database <name>", "the database")
        .addOption(cloudOption())
        .addOption(portOption())
        .addOption(new Option("--shell <shell>", "whose commands (default: your shell's)").choices(shells))
        .addOption(
            new Option("--token-form <form>", "how `az` is asked for a token (default: by its cloud)").choices(
                tokenForms,
            ),
        )
        .addOption(
            new Option("--connection-form <form>", "how psql is told where to connect (default: by its shell)")
                .choices(connectionForms)
                .conflicts("json"),
        )
        .addOption(new Option("--client <client>", "settings for a program with windows").choices(clients))
        .addOption(
            new Option("--application <language>", "code for an application, which renews the token")
                .choices(applications)
                .conflicts("client"),
        )
        .option("--json", "all of it for programs: facts, URI, commands for every shell")
        .addOption(
            new Option("--run [query]", "open psql with a fresh token, or run a query").conflicts([
                "json",
                "client",
                "application",
            ]),
        )
        .addOption(credentialOption("for --run: where the token comes from"))
        .option("--host-address <address>", "for --run: connect here instead, for a tunnel")
        .option("--root-certificate <file>", "certificates in PEM to trust instead of the system's")
        .addOption(
            new Option(
                "--save-root-certificates <file>",
                "write those that Azure's certificates chain to, and use the file",
            ).conflicts("rootCertificate"),
        )
        .action(async (options: ConnectOptions) => {
            const { connect } = await import("./connect/connect.js");
            process.exitCode = await connect(options);
        });

    command
        .command("doctor")
        .description("find out why a sign-in fails, layer by layer, and what to do")
        .option("--outputs <file>", "what `pulumi stack output --json` printed (default: standard input)")
        .option("--server <name>", "the server's name or host name, instead of outputs")
        .option("--as <name>", "the user or group to sign in as")
        .option("--database <name>", "the database")
        .addOption(cloudOption())
        .option("--port <port>", "the port to connect to")
        .option("--credential <kind>", "Default, AzureCli, ManagedIdentity, ...")
        .option("--administrator <name>", "a role to look inside with when the sign-in fails")
        .option("--tenant <id>", "the server's tenant, to compare with the token's")
        .option("--table <name>", "the table that can't be used, as schema.table")
        .addOption(
            new Option("--privilege <privilege>", "what is wanted on tables")
                .choices(tablePrivileges)
                .default("SELECT"),
        )
        .option("--dns-server <addresses...>", "the DNS servers of the server's network")
        .option("--azure-server <file>", "what `az postgres flexible-server show` printed")
        .option("--subnet-prefix <block>", "the block of the server's delegated subnet")
        .option("--network-security-group <file>", "what `az network nsg show` printed")
        .option("--route-table <file>", "what `az network route-table show` printed")
        .option("--address-space <blocks...>", "the virtual network's blocks")
        .option("--client <blocks...>", "the blocks of those who connect to the server")
        .option("--host-address <address>", "connect here instead, for a tunnel")
        .option("--root-certificate <file>", "certificates in PEM to trust as well")
        .option("--message <text>", "explain this message of a failed sign-in, and look at nothing")
        .option("--json", "all of it for programs")
        .addHelpText("after", "\nThe token is the one in PGPASSWORD, if that is set. It is never shown.")
        // 1 stands for a fault that was found.
        .action(async (options: DoctorOptions) => {
            const { doctor } = await import("./doctor/doctor.js");
            process.exitCode = await doctor(options);
        });

    const network = command.command("network").description("look at networks without touching Azure");

    network
        .command("check")
        .description("say whether a delegated subnet reaches Entra, and which rule decides")
        .option("--preview <file>", previewed)
        .option("--subnet-prefix <block>", "the subnet's block, instead of a preview")
        .option("--network-security-group <file>", "what `az network nsg show` printed")
        .option("--route-table <file>", "what `az network route-table show` printed")
        .option("--address-space <blocks...>", "the virtual network's blocks")
        .option("--client <blocks...>", "the blocks of those who connect to the server")
        .action(async (options: CheckOptions) => {
            const { check } = await import("./network/check.js");
            process.exitCode = await check(options);
        });

    network
        .command("dns <servers...>")
        .description("ask DNS servers for the hosts of Entra, which a server must find")
        .addOption(cloudOption().default("Public"))
        .action(async (servers: string[], { cloud }: { cloud: Cloud }) => {
            const { checkEntraDns } = await import("./network/entra-dns.js");
            const { screen } = await import("./screen.js");
            const judgements = await checkEntraDns(servers, { cloud });
            for (const { server, host, resolvesPublicly, explanation } of judgements) {
                if (resolvesPublicly) screen.passed(`${host} by ${server}`);
                else screen.failed(`${host} by ${server}`);
                screen.note(explanation);
            }
            process.exitCode = judgements.every(({ resolvesPublicly }) => resolvesPublicly) ? 0 : 1;
        });

    command
        .command("completion")
        .description("print what makes a shell complete the commands and their options")
        .addArgument(new Argument("<shell>", "which").choices(completionShells))
        .action((shell: CompletionShell) => {
            process.stdout.write(completionScript(command, shell));
        });

    for (const [path, codes] of Object.entries(exitCodes)) {
        at(command, path)?.addHelpText("after", describeExitCodes(codes));
    }
    return command;
}

/** The command to which these names lead. */
function at(command: Command, path: string): Command | undefined {
    return path
        .split(" ")
        .reduce<Command | undefined>((above, name) => above?.commands.find((each) => each.name() === name), command);
}

/** Options of the commands that connect to a server. */
function connecting(subcommand: Command): Command {
    return subcommand
        .requiredOption("--server <name>", "the server's name, or its host name")
        .requiredOption("--as <administrator>", "the Entra administrator whose role to sign in as")
        .addOption(cloudOption().default("Public"))
        .addOption(credentialOption("where the token comes from"))
        .option("--host-address <address>", "connect here instead, for a tunnel")
        .addOption(portOption())
        .option("--root-certificate <file>", "certificates in PEM to trust as well");
}

function cloudOption(): Option {
    return new Option("--cloud <cloud>", "the cloud that the server is in").choices(Object.keys(clouds));
}

function credentialOption(description: string): Option {
    return new Option("--credential <kind>", `${description} (default: what this machine has)`).choices(
        credentialKinds,
    );
}

function portOption(): Option {
    return new Option("--port <port>", "the port to connect to (default: 5432)").argParser((value) => {
        const port = Number(value);
        if (!/^\d+$/.test(value) || port < 1 || port > 65_535) {
            throw new InvalidArgumentError("Give a port from 1 to 65535.");
        }
        return value;
    });
}
