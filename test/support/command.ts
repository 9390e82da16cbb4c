import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { packageRoot } from "../../local/package-root";

/** The built command. */
export const commandFile = join(packageRoot, "dist", "commands", "main.js");

/** Runs the command to its end. A variable that is undefined isn't there. */
export async function runCommand(
    args: readonly string[],
    { input = "", environment = {} }: { input?: string; environment?: Record<string, string | undefined> } = {},
): Promise<{ exitCode: number | null; output: string; errors: string }> {
    const child = spawn(process.execPath, [commandFile, ...args], {
        env: { ...process.env, NO_COLOR: "1", ...environment },
    });
    child.stdin.end(input);
    const [output, errors, [exitCode]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close") as Promise<[number | null]>,
    ]);
    return { exitCode, output, errors };
}
