import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { program } from "../../commands/program";

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
