/** `npm run pictures`: records what the main job says, as README shows it. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../../local/package-root";
import { shown, terminalPicture } from "./terminal";

async function main(): Promise<void> {
    const { stdout } = await promisify(execFile)(process.execPath, ["dist/commands/main.js", "local"], {
        cwd: packageRoot,
        env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: "1" },
    });
    const picture = terminalPicture("npm run local", shown(stdout), {
        title: "npm run local makes a server, lets a member of a group read, refuses everything else, and deletes it all again",
    });
    await writeFile(join(packageRoot, "docs", "pictures", "local.svg"), picture);
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
