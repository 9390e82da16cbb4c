/** `entra-postgres sql`: prints the script for what `pulumi preview --json` printed. */
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type WantedResource, scriptFor } from "./script";

export interface SqlOptions {
    /** @default - standard input */
    preview?: string;
    /** @default - standard output */
    output?: string;
}

export async function sql(options: SqlOptions): Promise<void> {
    const preview = options.preview === undefined ? await text(process.stdin) : await readFile(options.preview, "utf8");
    const script = scriptFor(wantedBy(preview));
    if (options.output === undefined) process.stdout.write(script);
    else await writeFile(options.output, script);
}

/** The resources that a preview wants to be there, unchanged ones too. */
export function wantedBy(preview: string): WantedResource[] {
    let digest: unknown;
    try {
        digest = JSON.parse(preview);
    } catch {
        throw new Error("This isn't JSON. Give what `pulumi preview --json` prints.");
    }
    const { steps } = digest as {
        steps?: { op: string; newState?: { type: string; inputs?: Record<string, unknown> } }[];
    };
    if (!Array.isArray(steps)) throw new Error("There are no steps in it. Give what `pulumi preview --json` prints.");
    return steps.flatMap(({ op, newState }) =>
        newState === undefined || op.startsWith("delete")
            ? []
            : [{ type: newState.type, inputs: newState.inputs ?? {} }],
    );
}
