/** `npm run docs`: writes the generated pages of the site. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { program } from "../../commands/program";
import { packageRoot } from "../../local/package-root";
import { commandReference } from "./commands";
import { writeLibraryReference } from "./reference";

async function main(): Promise<void> {
    const folder = join(packageRoot, "docs", "reference");
    await rm(folder, { recursive: true, force: true });
    await writeLibraryReference(packageRoot, folder);
    await writeFile(join(folder, "commands.md"), commandReference(program()));
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
