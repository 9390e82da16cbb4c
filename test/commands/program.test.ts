import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { exitCodes } from "../../commands/exit-codes";
import { program } from "../../commands/program";
import { packageRoot } from "../../local/package-root";
import { runCommand } from "../support/command";

/** A command and all below it. */
function withSubcommands(command: Command): Command[] {
    return [command, ...command.commands.flatMap(withSubcommands)];
}

/** As a person calls it. */
function fullName(command: Command): string {
    return [...(command.parent ? [fullName(command.parent)] : []), command.name()].join(" ");
}

/** All that `--help` prints in a terminal of 80 columns. */
function helpOf(command: Command): string {
    let help = "";
    command.configureOutput({
        getOutHelpWidth: () => 80,
        writeOut: (text) => {
            help += text;
        },
    });
    command.outputHelp();
    return help;
}

const commands = withSubcommands(program()).map((command) => ({ name: fullName(command), command }));

describe("the program", () => {
    it("has commands below commands", () => {
        const names = commands.map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(["entra-postgres connect", "entra-postgres network check"]));
    });

    it.each(commands)("says in 80 columns what $name is for and how it is called", ({ name, command }) => {
        const help = helpOf(command);
        expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
        expect(help).toContain(`Usage: ${name}`);
        expect(command.description()).not.toBe("");
        for (const option of command.options) expect(option.description, option.flags).not.toBe("");
    });
});

describe("exit codes", () => {
    const leaves = commands.filter(({ command }) => command.commands.length === 0);

    it("are known of every command", () => {
        const names = leaves.map(({ name }) => name.replace("entra-postgres ", ""));
        expect(Object.keys(exitCodes).sort()).toEqual(names.sort());
    });

    it.each(leaves)("are in the help of $name", ({ name, command }) => {
        const help = helpOf(command).replace(/\s+/g, " ");
        for (const [code, meaning] of exitCodes[name.replace("entra-postgres ", "")] ?? []) {
            expect(help).toContain(`${code} ${meaning}`);
        }
    });

    it("are in docs/exit-codes.md; if this fails, correct its table", async () => {
        const page = await readFile(join(packageRoot, "docs", "exit-codes.md"), "utf8");
        const rows = [...page.matchAll(/^\| `(.*?)` +\| (\S+) +\| (.*?) +\|$/gm)].map(([, ...cells]) =>
            cells.join(" | "),
        );
        const wanted = Object.entries(exitCodes).flatMap(([command, codes]) =>
            codes.map(([code, meaning]) => `${command} | ${code} | ${meaning}`),
        );
        expect(rows).toEqual(wanted);
    });

    it.each([
        [["--help"], 0],
        [["nothing"], 2],
        [["connect", "--shell", "tcsh"], 2],
        [["doctor", "--nothing"], 2],
        [["network", "dns"], 2],
        [["completion", "fish"], 0],
        [["connect", "--server", "orders"], 1],
        [["sql", "--preview", "nowhere.json"], 1],
        [["summary", "nowhere.json"], 1],
        [["network", "check"], 1],
        [["network", "dns", "127.0.0.1:1"], 1],
        [
            [
                "import",
                "--server",
                "x",
                "--as",
                "y",
                "--host-address",
                "127.0.0.1",
                "--port",
                "1",
                "--credential",
                "AzureCli",
            ],
            1,
        ],
    ])(
        "are what they are said to be: %j ends with %i, and an error says what to do",
        async (args, code) => {
            const { exitCode, output, errors } = await runCommand(args, { environment: { PATH: "" } });
            expect(exitCode, errors).toBe(code);
            if (code !== 0) expect(errors + output).toMatch(/Give|Check|Say|--help|For a private server/);
            expect(errors).not.toMatch(/^ {4}at /m);
        },
        60_000,
    );
});
