/** `entra-postgres sql`: prints the script for what `pulumi preview --json` printed. */
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { wantedBy } from "../preview-json";
import { scriptFor } from "./script";

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
