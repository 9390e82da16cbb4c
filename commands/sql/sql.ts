/** `entra-postgres sql`: prints the script for what `pulumi preview --json` printed. */
import { writeFile } from "node:fs/promises";
import { givenText } from "../input";
import { wanted, wantedBy } from "../preview-json";
import { scriptFor } from "./script";

export interface SqlOptions {
    /** @default - standard input */
    preview?: string;
    /** @default - standard output */
    output?: string;
}

export async function sql(options: SqlOptions): Promise<void> {
    const script = scriptFor(wantedBy(await givenText(options.preview, wanted)));
    if (options.output === undefined) process.stdout.write(script);
    else await writeFile(options.output, script);
}
