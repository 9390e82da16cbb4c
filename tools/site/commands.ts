/** Writes the reference of the commands from what their help says. */
import type { Argument, Command, Option } from "commander";

/** Every command that does something, with the names that lead to it. */
export function commandsOf(command: Command, before: readonly string[] = []): { path: string; command: Command }[] {
    const names = [...before, command.name()];
    if (command.commands.length === 0) return [{ path: names.join(" "), command }];
    return command.commands.flatMap((each) => commandsOf(each, names));
}

/** The page about all commands. */
export function commandReference(program: Command): string {
    const front = ["---", "title: Commands", "section: Reference", "order: 1", "---"].join("\n");
    const about = commandsOf(program).map(({ path, command }) => section(path, command));
    return [front, "# Commands", "What `--help` says of each command.", ...about, ""].join("\n\n");
}

function section(path: string, command: Command): string {
    const description = command.description();
    return [
        `## ${path}`,
        `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
        ["```text", `${path} ${command.usage()}`, "```"].join("\n"),
        table("Argument", command.registeredArguments, (argument) => argument.name()),
        table("Option", command.options, (option) => option.flags),
        ...textAfterHelp(command),
    ]
        .filter((part) => part !== "")
        .join("\n\n");
}

function table<T extends Argument | Option>(heading: string, rows: readonly T[], name: (row: T) => string): string {
    if (rows.length === 0) return "";
    const lines = rows.map((row) => `| ${cell(code(name(row)))} | ${cell(explanation(row))} |`);
    return [`| ${heading} | What it is |`, "| --- | --- |", ...lines].join("\n");
}

function explanation({ description, argChoices, defaultValue, ...row }: Argument | Option): string {
    const given = defaultValue as unknown;
    return [
        description.charAt(0).toUpperCase() + description.slice(1),
        ...(argChoices ? [`One of ${argChoices.map(code).join(", ")}.`] : []),
        ...(given === undefined ? [] : [`Default: ${code(JSON.stringify(given))}.`]),
        ...("mandatory" in row && row.mandatory ? ["Required."] : []),
    ]
        .map((text) => (text.endsWith(".") ? text : `${text}.`))
        .join(" ");
}

/** What a command adds below its options, a paragraph each. */
function textAfterHelp(command: Command): string[] {
    let written = "";
    const writeOut = (text: string) => (written += text);
    command.configureOutput({ ...command.configureOutput(), writeOut }).outputHelp();
    return written
        .slice(command.helpInformation().length)
        .split(/\n{2,}/)
        .map((paragraph) => escaped(paragraph.trim().replaceAll("\n", " ")))
        .filter((paragraph) => paragraph !== "");
}

const code = (text: string) => `\`${text}\``;
const cell = (text: string) => escaped(text).replaceAll("|", "\\|");

/** Angle brackets outside of code would be markup. */
function escaped(text: string): string {
    return text
        .split(/(`[^`]*`)/)
        .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "&lt;")))
        .join("");
}
