/** `entra-postgres plan`: previews every stack against the emulation and keeps what it would make as a file. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { Emulation } from "../../local/emulation";
import { LocalStack } from "../../local/engine/local-stack";
import { allStacks, configurationOf, readProject, stackFolder } from "../../local/stack-files";
import program from "../../stacks/program";
import { screen } from "../screen";
import { directoryFor } from "./directory";
import { snapshotOf } from "./snapshot";

/** What stands in for the values that each pull request's stack is given when it is made. */
const lifetime = { suffix: "example", expires: "2000-01-01T00:00:00Z" };

export interface PlanOptions {
    /** Compare instead of writing. */
    check?: boolean;
}

/** Writes or compares the plans; the result is the process's exit code. */
export async function plan(stacks: readonly string[], { check = false }: PlanOptions): Promise<number> {
    const stale: string[] = [];
    for (const stack of stacks.length > 0 ? stacks : await allStacks()) {
        const file = join(stackFolder, "plans", `${stack}.yaml`);
        const kept = await readFile(file, "utf8").catch(() => "");
        const current = await planOf(stack);
        if (kept === current) {
            screen.passed(stack, "as it was");
        } else if (check) {
            stale.push(stack);
            screen.failed(stack, `stacks/plans/${stack}.yaml isn't what the stack makes now`);
        } else {
            await writeFile(file, current);
            screen.passed(stack, `written to stacks/plans/${stack}.yaml`);
        }
    }
    if (stale.length === 0) return 0;
    screen.note("Run `npm run plan`, read the differences, and commit them with the change.");
    return 1;
}

/** What a stack would make. */
export async function planOf(stack: string): Promise<string> {
    const config = await configurationOf(stack);
    const project = await readProject();
    const events: EngineEvent[] = [];
    const emulation = await Emulation.start({ directory: directoryFor(config) });
    try {
        const local = await LocalStack.create({
            emulation,
            stackName: stack,
            projectName: project.name,
            configSchema: project.config,
            config: { ...config, ...(stack === "pr" && { [`${project.name}:ephemeral`]: lifetime }) },
            program: () => Promise.resolve(program()),
            onEvent: (event) => events.push(event),
            say: (message) => {
                screen.note(message);
            },
        });
        await local.preview();
    } finally {
        await emulation.stop();
    }
    return snapshotOf(stack, events);
}
