#!/usr/bin/env node
/** The command `entra-postgres`. What a subcommand needs is loaded when it runs, so that help is quick. */
import { Command, Option } from "commander";
import { version } from "../package.json";
import type { LocalOptions } from "./local/local";

const command = new Command("entra-postgres")
    .description("Entra sign-in to Azure Database for PostgreSQL flexible server")
    .version(version)
    .showHelpAfterError("(entra-postgres --help lists the commands)");

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

command.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
