/** Measures whole processes of Node. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { packageRoot } from "../local/package-root";

export interface ProcessCost {
    milliseconds: number;
    /** The most memory at any time, in bytes. */
    memory: number;
}

const report = `process.on("exit", () => console.error("memory=" + process.resourceUsage().maxRSS));`;

/** Runs a script and measures it from start to end. */
export async function costOfScript(script: string): Promise<ProcessCost> {
    const started = performance.now();
    const { stderr } = await promisify(execFile)(process.execPath, ["-e", report + script], { cwd: packageRoot });
    const milliseconds = performance.now() - started;
    return { milliseconds, memory: Number(/memory=(\d+)$/m.exec(stderr)?.[1] ?? 0) * 1024 };
}

/** How long Node runs with these arguments, in milliseconds. */
export async function timeOfNode(...args: string[]): Promise<number> {
    const started = performance.now();
    await promisify(execFile)(process.execPath, args, { cwd: packageRoot });
    return performance.now() - started;
}
