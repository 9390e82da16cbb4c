import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type CompletionShell, completionScript, completionShells } from "../../commands/completion";
import { program } from "../../commands/program";

const programOf: Record<CompletionShell, string> = { bash: "bash", zsh: "zsh", fish: "fish", powershell: "pwsh" };
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");

/** A script that has a shell complete words, the last of which isn't finished, and prints a candidate a line. */
const ask: Record<CompletionShell, (words: readonly string[]) => string> = {
    bash: (words) =>
        `COMP_WORDS=(${quoted(words)}); COMP_CWORD=${String(words.length - 1)}; _entra_postgres; printf '%s\\n' "\${COMPREPLY[@]}"`,
    // In place of zsh's own functions, which want a terminal.
    zsh: (words) => `compadd() { shift; print -l -- $@ }
_describe() { [[ $1 = -o ]] && shift; print -l -- \${\${(P)2}%%:*} }
_files() { print files }
words=(${quoted(words)}); CURRENT=${String(words.length)}; _entra_postgres`,
    fish: (words) => `complete -C '${words.join(" ")}' | string replace -r '\\t.*' ''`,
    powershell: (words) => {
        const line = words.join(" ");
        return `(TabExpansion2 -inputScript '${line}' -cursorColumn ${String(line.length)}).CompletionMatches.CompletionText`;
    },
};

function complete(shell: CompletionShell, ...words: string[]): string[] {
    const beginning = shell === "zsh" ? "compdef() { : }\n" : "";
    const script = `${beginning}${completionScript(program(), shell)}\n${ask[shell](["entra-postgres", ...words])}`;
    const { stdout, stderr } = spawnSync(programOf[shell], ["-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.split("\n").filter((line) => line !== "");
}

describe.each(completionShells)("completion for %s", (shell) => {
    const isInstalled = spawnSync(programOf[shell], ["--version"]).error === undefined;
    const reason = `to run this, install ${programOf[shell]}`;

    it("knows commands, and commands below them", (test) => {
        test.skip(!isInstalled, reason);
        expect(complete(shell, "con")).toContain("connect");
        expect(complete(shell, "network", "")).toEqual(expect.arrayContaining(["check", "dns"]));
        expect(complete(shell, "network", "")).not.toContain("connect");
    });

    it("knows the options of a command and what their values can be", (test) => {
        test.skip(!isInstalled, reason);
        expect(complete(shell, "connect", "--tok")).toContain("--token-form");
        expect(complete(shell, "connect", "--shell", "").sort()).toEqual(["bash", "cmd", "fish", "powershell", "zsh"]);
        expect(complete(shell, "completion", "")).toContain("fish");
    });

    it("takes a value that is called as a command for a value", (test) => {
        test.skip(!isInstalled, reason);
        expect(complete(shell, "connect", "--as", "network", "--tok")).toContain("--token-form");
    });
});
