/** Scripts that make a shell complete the commands and their options, written from the commands themselves. */
import type { Command, Option } from "commander";
import { bashQuote, fishQuote, powershellQuote } from "../components/access/shells";

export const completionShells = ["bash", "zsh", "fish", "powershell"] as const;
export type CompletionShell = (typeof completionShells)[number];

/** What can stand behind the names that lead to a command. */
interface Place {
    /** The names, with spaces between; empty for the program itself. */
    names: string;
    commands: Word[];
    options: OptionWord[];
    /** What an argument can be. */
    choices: readonly string[];
}

interface Word {
    word: string;
    description: string;
}

interface OptionWord extends Word {
    short: string | undefined;
    /** What its value can be; undefined for an option without one. */
    value: "file" | "any" | readonly string[] | undefined;
}

/** The script for a shell. */
export function completionScript(program: Command, shell: CompletionShell): string {
    const places = placesOf(program, "");
    const name = program.name();
    switch (shell) {
        case "bash":
            return bash(name, places);
        case "zsh":
            return zsh(name, places);
        case "fish":
            return fish(name, places);
        case "powershell":
            return powershell(name, places);
    }
}

function placesOf(command: Command, names: string): Place[] {
    const help = command.createHelp();
    const below = help.visibleCommands(command).filter((each) => each.name() !== "help");
    return [
        {
            names,
            commands: below.map((each) => ({ word: each.name(), description: each.description() })),
            options: help.visibleOptions(command).map(optionWord),
            choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
        },
        ...below.flatMap((each) => placesOf(each, `${names} ${each.name()}`.trim())),
    ];
}

function optionWord({ long, short, description, argChoices, flags, required, optional }: Option): OptionWord {
    const value = argChoices ?? (flags.includes("<file>") ? "file" : required || optional ? "any" : undefined);
    return { word: long ?? short ?? "", short, description, value };
}

/** Each name that leads from one place to the next, as `network/check`. */
function steps(places: readonly Place[]): { step: string; names: string }[] {
    return places.flatMap(({ names, commands }) =>
        commands.map(({ word }) => ({ step: `${names}/${word}`, names: `${names} ${word}`.trim() })),
    );
}

const wordsOf = ({ commands, options, choices }: Place): string =>
    [...commands.map(({ word }) => word), ...choices, ...options.map(({ word }) => word)].join(" ");

/** The way from place to place, as cases in the syntax that bash and zsh share. */
function stepCases(places: readonly Place[]): string {
    return steps(places)
        .map(({ step, names }) => `            ${bashQuote(step)}) place=${bashQuote(names)} ;;`)
        .join("\n");
}

function bash(name: string, places: readonly Place[]): string {
    const values = places.flatMap(({ names, options }) =>
        options.flatMap(({ word, value }) =>
            value === undefined
                ? []
                : [
                      `        ${bashQuote(`${names} ${word}`)}) ` +
                          (value === "file" || value === "any"
                              ? "return ;;"
                              : `words=${bashQuote(value.join(" "))} ;;`),
                  ],
        ),
    );
    return `_entra_postgres() {
    local current=\${COMP_WORDS[COMP_CWORD]} place= word words=
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$place/$word" in
${stepCases(places)}
        esac
    done
    COMPREPLY=()
    case "$place \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
        *) case "$place" in
${places.map((place) => `            ${bashQuote(place.names)}) words=${bashQuote(wordsOf(place))} ;;`).join("\n")}
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _entra_postgres ${name}
`;
}

function zsh(name: string, places: readonly Place[]): string {
    const described = (words: readonly Word[]): string =>
        words.map(({ word, description }) => bashQuote(`${word}:${description}`)).join(" ");
    const values = places.flatMap(({ names, options }) =>
        options.flatMap(({ word, value }) => {
            if (value === undefined) return [];
            const action = value === "file" ? "_files" : value === "any" ? ":" : `compadd -- ${value.join(" ")}`;
            return [`        ${bashQuote(`${names} ${word}`)}) ${action}; return ;;`];
        }),
    );
    return `#compdef ${name}
_entra_postgres() {
    local place= word
    local -a names options
    for word in "\${(@)words[2,CURRENT-1]}"; do
        case "$place/$word" in
${stepCases(places)}
        esac
    done
    case "$place \${words[CURRENT-1]}" in
${values.join("\n")}
    esac
    case "$place" in
${places
    .map(
        ({ names, commands, options, choices }) =>
            `        ${bashQuote(names)}) names=(${described(commands)} ${choices.join(" ")}); options=(${described(options)}) ;;`,
    )
    .join("\n")}
    esac
    if (( \${#names} )); then _describe ${name} names; elif [[ \${words[CURRENT]} != -* ]]; then _files; fi
    _describe -o option options
}
compdef _entra_postgres ${name}
`;
}

function fish(name: string, places: readonly Place[]): string {
    const lines = places.flatMap(({ names, commands, options, choices }) => {
        const line = `complete -c ${name} -n ${fishQuote(`__entra_postgres_at ${fishQuote(names)}`)}`;
        return [
            ...commands.map(({ word, description }) => `${line} -f -a ${word} -d ${fishQuote(description)}`),
            ...(choices.length > 0 ? [`${line} -f -a ${fishQuote(choices.join(" "))}`] : []),
            ...options.map(({ word, short, description, value }) => {
                const shortOption = short === undefined ? "" : ` -s ${short.slice(1)}`;
                const taken =
                    value === undefined
                        ? ""
                        : value === "file"
                          ? " -r -F"
                          : value === "any"
                            ? " -x"
                            : ` -x -a ${fishQuote(value.join(" "))}`;
                return `${line} -l ${word.slice(2)}${shortOption}${taken} -d ${fishQuote(description)}`;
            }),
        ];
    });
    return `function __entra_postgres_at
    set -l place ''
    for word in (commandline -opc)
        switch "$place/$word"
${steps(places)
    .map(({ step, names }) => `            case ${fishQuote(step)}\n                set place ${fishQuote(names)}`)
    .join("\n")}
        end
    end
    test "$place" = "$argv"
end
${lines.join("\n")}
`;
}

function powershell(name: string, places: readonly Place[]): string {
    const list = (words: readonly string[]): string => `@(${words.map(powershellQuote).join(", ")})`;
    const values = places.flatMap(({ names, options }) =>
        options.flatMap(({ word, value }) =>
            value === undefined
                ? []
                : [`        ${powershellQuote(`${names} ${word}`)} = ${list(typeof value === "string" ? [] : value)}`],
        ),
    );
    return `Register-ArgumentCompleter -Native -CommandName ${name} -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $steps = @{
${steps(places)
    .map(({ step, names }) => `        ${powershellQuote(step)} = ${powershellQuote(names)}`)
    .join("\n")}
    }
    $values = @{
${values.join("\n")}
    }
    $words = @{
${places.map((place) => `        ${powershellQuote(place.names)} = ${list(wordsOf(place).split(" "))}`).join("\n")}
    }
    $given = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    $place = ''
    foreach ($word in $given) { if ($steps.ContainsKey("$place/$word")) { $place = $steps["$place/$word"] } }
    $valued = if ($given.Count -gt 0) { "$place $($given[-1])" } else { '' }
    $candidates = if ($values.ContainsKey($valued)) { $values[$valued] } else { $words[$place] }
    $candidates | Where-Object { $_ -like "$wordToComplete*" } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
}
