import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../local/package-root";
import { linesOf, shown } from "../../tools/pictures/terminal";
import { commandFile } from "../support/command";

interface Run {
    child: ChildProcess;
    output(): string;
    /** Resolves when the output has a text. */
    sees(text: string): Promise<void>;
    exitCode: Promise<number | null>;
}

const running = new Set<Run>();

// A test that failed half-way must not leave the command running.
afterEach(async () => {
    for (const run of running) {
        if (run.child.exitCode === null) process.kill(-(run.child.pid ?? 0), "SIGINT");
        await run.exitCode;
    }
    running.clear();
});

/** Starts the command as a person does, in a process group of its own as a terminal gives it one. */
function start(args: string[] = [], environment: NodeJS.ProcessEnv = { NO_COLOR: "1" }): Run {
    const child = spawn(process.execPath, [commandFile, "local", ...args], {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...environment },
    });
    let output = "";
    const watchers = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
            output += chunk.toString();
            for (const watcher of watchers) watcher();
        });
    }
    const exitCode = once(child, "close").then(([code]) => code as number | null);
    const run: Run = {
        child,
        output: () => output,
        exitCode,
        sees: (text) =>
            new Promise((resolve, reject) => {
                const look = (): void => {
                    if (output.includes(text)) resolve();
                };
                watchers.add(look);
                look();
                void exitCode.then(() => {
                    reject(new Error(`the command ended without "${text}":\n${output}`));
                });
            }),
    };
    running.add(run);
    return run;
}

/** Processes that hold a run's folder as their working directory. */
async function processesIn(directory: string): Promise<string[]> {
    const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const folders = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => "")));
    return folders.filter((folder) => folder.startsWith(directory));
}

describe("entra-postgres local", () => {
    it("does the main job and says so", async () => {
        const run = start();
        expect(await run.exitCode, run.output()).toBe(0);
        for (const line of [
            'A member signs in as "Prod DB Readonly" and reads it',
            "The member can't write",
            "Who is no member is refused",
            "An expired token is refused",
            "The name in another case is refused",
            "Second preview shows no change",
            "Refresh shows no drift",
            "Everything passed",
        ]) {
            expect(run.output()).toContain(`✔ ${line}`);
        }
        expect(run.output()).not.toContain("✘");
    }, 120_000);

    it("says in colours what README's picture shows", async () => {
        // With FORCE_COLOR the provider must still say its port in plain digits.
        const run = start([], { NO_COLOR: undefined, FORCE_COLOR: "1" });
        expect(await run.exitCode, run.output()).toBe(0);
        expect(run.output()).toContain("\u001b[32m✔");
        const picture = linesOf(await readFile(join(packageRoot, "docs", "pictures", "local.svg"), "utf8"));
        const now = ["$ npm run local", ...shown(stripVTControlCharacters(run.output()))];
        // What is made side by side comes in any order.
        expect(picture.sort(), "Run `npm run pictures`.").toEqual(now.sort());
    }, 120_000);

    it("stays up with --keep, and Ctrl-C leaves nothing behind", async () => {
        const run = start(["--keep"]);
        await run.sees("/root.pem");
        const [, root = ""] = /sslrootcert=(\S+)\/root\.pem/.exec(run.output()) ?? [];
        expect(existsSync(root)).toBe(true);
        expect(await processesIn(root)).not.toEqual([]);
        process.kill(-(run.child.pid ?? 0), "SIGINT");
        await run.exitCode;
        expect(existsSync(root)).toBe(false);
        expect(await processesIn(root)).toEqual([]);
    }, 120_000);

    it("clears up after Ctrl-C in the middle of a deployment", async () => {
        const run = start();
        await run.sees("+ Server");
        process.kill(-(run.child.pid ?? 0), "SIGINT");
        expect(await run.exitCode, run.output()).toBe(130);
        expect(run.output()).not.toContain("Error");
    }, 120_000);
});
