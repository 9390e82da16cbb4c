import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../local/package-root";

/** The first block of code in README that is in a language. */
export async function readmeBlock(language: string): Promise<string> {
    const readme = await readFile(join(packageRoot, "README.md"), "utf8");
    return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? "";
}
