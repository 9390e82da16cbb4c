/** Finds what is wrong with commands, as far as it can be told without running them. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { program } from "../../commands/program";
import { findEngine } from "../../local/engine/engine";
import packageJson from "../../package.json";
import { commandsOf } from "../../tools/site/commands";

const execute = promisify(execFile);

/** Programs of others that stand in blocks; what is given to them can't be checked here. */
const others = ["az", "cat", "cp", "curl", "date", "git", "glab", "mkdir", "openssl", "psql", "terraform"];

/** Lets a shell run a script in which every program only says what it was given, and judges that. */
export async function faultsOf(script: string): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), "entra-blocks-"));
    try {
        // One write for each call, since the programs of a pipeline run side by side.
        const note = `command_not_found_handle() { local IFS=$'\\037'; printf '%s\\036' "$*" >&3; }\n`;
        const shell = spawn("/bin/bash", ["-c", note + script], {
            cwd: folder,
            env: { PATH: "/nowhere" },
            stdio: ["ignore", "ignore", "pipe", "pipe"],
        });
        const [errors, said] = await Promise.all([
            text(shell.stderr ?? Readable.from([])),
            text(shell.stdio[3] as Readable),
            once(shell, "close"),
        ]);
        const calls = said.split("\u001e").filter((call) => call !== "");
        const faults = await Promise.all(calls.map((call) => faultOf(call.split("\u001f"))));
        return [...errors.split("\n").filter((line) => line !== ""), ...faults.flat()];
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function faultOf([name = "", ...args]: string[]): Promise<string[]> {
    if (name === "npx" || name === "entra-postgres") {
        const [first, ...rest] = name === "npx" ? args : ["entra-postgres", ...args];
        return first === "entra-postgres" ? faultOfOurs(rest) : faultOf([first ?? "", ...rest]);
    }
    if (name === "npm") return faultOfNpm(args);
    if (name === "pulumi") return faultOfPulumi(args);
    return others.includes(name) ? [] : [`${name}: a program that no page had before; correct it, or add it here.`];
}

function faultOfNpm([what = "", ...rest]: string[]): string[] {
    if (["ci", "install", "test", "init"].includes(what)) return [];
    const script = rest[0] ?? "";
    if (what !== "run" || !(script in packageJson.scripts))
        return [`npm ${what} ${script}: package.json has no such script`];
    const [, ourCommand] = /dist\/commands\/main\.js (\w+)$/.exec(packageJson.scripts[script as "local"]) ?? [];
    const given = rest.slice(rest.indexOf("--") + 1);
    return ourCommand === undefined || !rest.includes("--") ? [] : faultOfOurs([ourCommand, ...given]);
}

/** What the command itself says to arguments; it does nothing. */
function faultOfOurs(args: string[]): string[] {
    const command = program();
    for (const each of [command, ...commandsOf(command).map((leaf) => leaf.command)]) {
        each.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    }
    for (const leaf of commandsOf(command)) leaf.command.action(() => undefined);
    try {
        command.parse(args, { from: "user" });
        return [];
    } catch (error) {
        const { message, code = "" } = error as { message: string; code?: string };
        return ["commander.help", "commander.helpDisplayed", "commander.version"].includes(code) ? [] : [message];
    }
}

const pulumiHelp = new Map<string, Promise<string>>();

async function faultOfPulumi(args: string[]): Promise<string[]> {
    const { command: engine } = await findEngine(() => undefined);
    const help = (path: readonly string[]): Promise<string> => {
        const key = path.join(" ");
        const known = pulumiHelp.get(key) ?? execute(engine, [...path, "--help"]).then(({ stdout }) => stdout);
        pulumiHelp.set(key, known);
        return known;
    };
    let path: string[] = [];
    for (const word of args) {
        if (!new RegExp(`^ {2,4}${word.replace(/\W/g, "\\$&")}( |$)`, "m").test(await help(path))) break;
        path = [...path, word];
    }
    if (path.length === 0) return [`pulumi ${args.join(" ")}: the engine has no such command`];
    const text = await help(path);
    return args
        .filter((word) => word.startsWith("-"))
        .map((word) => word.replace(/=.*/, ""))
        .filter((option) => !new RegExp(`(^|[ ,])${option}\\b`, "m").test(text))
        .map((option) => `pulumi ${path.join(" ")} has no option ${option}`);
}
