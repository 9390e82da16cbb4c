import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of this package, from the sources and from the built files alike. */
export const packageRoot = find(__dirname);

function find(directory: string): string {
    return existsSync(join(directory, "tools", "go.mod")) ? directory : find(dirname(directory));
}
