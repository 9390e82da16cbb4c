/** Recorded previews and the comments they give. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { packageRoot } from "../../../local/package-root";

const directory = join(packageRoot, "test", "commands", "summary");

/** Whether files are written instead of compared. */
export const isUpdating = process.env["UPDATE_SUMMARIES"] !== undefined;

const howToUpdate =
    "If the new text is meant, write it with `UPDATE_SUMMARIES=1 npx vitest run test/engine/summary.test.ts` (new previews too) " +
    "and then `UPDATE_SUMMARIES=1 npx vitest run test/commands/summary.test.ts`, and read the difference.";

export function pathOf(name: string): string {
    return join(directory, name);
}

export async function recorded(name: string): Promise<string> {
    return readFile(pathOf(`${name}.json`), "utf8");
}

/** Compares with the file, or writes it. */
export async function matches(file: string, actual: string): Promise<void> {
    const expected = await readFile(pathOf(file), "utf8").catch(() => "");
    if (isUpdating && expected !== actual) await writeFile(pathOf(file), actual);
    else expect(actual, `${file} differs. ${howToUpdate}`).toBe(expected);
}

interface Step {
    op: string;
    urn: string;
    provider?: string;
    oldState?: Record<string, unknown>;
    newState?: Record<string, unknown>;
}

/** A preview without what differs between runs and machines. */
export function settled(preview: string): string {
    const { steps, diagnostics, changeSummary } = JSON.parse(preview) as {
        steps: Step[];
        diagnostics?: { severity: string; message: string }[];
        changeSummary: unknown;
    };
    const kept = ["urn", "custom", "delete", "id", "type", "inputs", "outputs", "parent", "protect", "retainOnDelete"];
    // A provider's id is another one in each run.
    const isProvider = (state: Record<string, unknown>) => String(state["type"]).startsWith("pulumi:providers:");
    const lean = (state: Record<string, unknown>) =>
        Object.fromEntries(
            kept.filter((key) => key in state && !(key === "id" && isProvider(state))).map((key) => [key, state[key]]),
        );
    const settledSteps = steps
        .sort((a, b) => (a.urn < b.urn ? -1 : 1))
        .map(({ oldState, newState, provider, ...step }) => ({
            ...step,
            ...(provider !== undefined && { provider: provider.replace(/::[^:]*$/, "::id") }),
            ...(oldState && { oldState: lean(oldState) }),
            ...(newState && { newState: lean(newState) }),
        }));
    const errors = (diagnostics ?? []).filter(({ severity }) => severity === "error");
    return `${JSON.stringify({ steps: settledSteps, diagnostics: errors, changeSummary }, undefined, 1)}\n`;
}
