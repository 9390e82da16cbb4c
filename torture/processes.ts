/** Finds the processes of a deployment that this process started. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { packageRoot } from "../local/package-root";

interface Process {
    id: number;
    parent: number;
    command: string;
}

async function all(): Promise<Process[]> {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,args="]);
    return stdout.split("\n").flatMap((line) => {
        const [, id, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
        return id === undefined ? [] : [{ id: Number(id), parent: Number(parent), command }];
    });
}

/** Everything below this process. */
async function descendants(): Promise<Process[]> {
    const processes = await all();
    const found: Process[] = [];
    let parents = [process.pid];
    while (parents.length > 0) {
        const children = processes.filter(({ parent }) => parents.includes(parent));
        found.push(...children);
        parents = children.map(({ id }) => id);
    }
    return found;
}

/** Engines that are deploying. */
export async function engines(): Promise<number[]> {
    return (await descendants()).filter(({ command }) => /^\S*\bpulumi up\b/.test(command)).map(({ id }) => id);
}

/** Running providers `entra-postgres`. */
export async function providers(): Promise<number[]> {
    const plugin = join(packageRoot, "provider", "plugin");
    return (await descendants()).filter(({ command }) => command.includes(plugin)).map(({ id }) => id);
}

export function kill(ids: readonly number[]): void {
    for (const id of ids) {
        try {
            process.kill(id, "SIGKILL");
        } catch (error) {
            // It ended by itself.
            if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        }
    }
}

/** Whether a process has ended or does so soon: a provider looks every two seconds whether its engine is still there. */
export async function ends(id: number): Promise<boolean> {
    for (let tries = 0; tries < 100; tries++) {
        if (!isRunning(id)) return true;
        await setTimeout(100);
    }
    return false;
}

function isRunning(id: number): boolean {
    try {
        return process.kill(id, 0);
    } catch {
        return false;
    }
}
