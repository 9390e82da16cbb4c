/** Gets the linters for workflows, once for a machine. */
import { execFile } from "node:child_process";
import { access, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { privateCache } from "../../local/engine/engine";

const execute = promisify(execFile);
const actionlintVersion = "1.7.7";
const zizmorVersion = "1.32.0";

/** The path of actionlint, built by Go as the engine is. */
export async function actionlint(): Promise<string> {
    return kept(`actionlint-${actionlintVersion}`, "actionlint", async (folder) => {
        await execute("go", ["install", `github.com/rhysd/actionlint/cmd/actionlint@v${actionlintVersion}`], {
            env: { ...process.env, GOBIN: folder },
        });
    });
}

/** The path of zizmor; undefined on a machine without pip, or for which there is no build. */
export async function zizmor(): Promise<string | undefined> {
    return kept(`zizmor-${zizmorVersion}`, "zizmor", async (folder) => {
        const pip = ["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "-q", "-d", folder];
        await execute("python3", [...pip, `zizmor==${zizmorVersion}`]);
        const [wheel = ""] = (await readdir(folder)).filter((file) => file.endsWith(".whl"));
        await execute("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder]);
        await rename(join(folder, `zizmor-${zizmorVersion}.data`, "scripts", "zizmor"), join(folder, "zizmor"));
        await execute("chmod", ["+x", join(folder, "zizmor")]);
    }).catch(() => undefined);
}

async function kept(name: string, program: string, get: (folder: string) => Promise<void>): Promise<string> {
    const folder = join(await privateCache(), name);
    const path = join(folder, program);
    try {
        await access(path);
    } catch {
        // Made aside and moved when it is whole: another run may be making it too.
        const temporary = await mkdtemp(`${folder}-`);
        try {
            await get(temporary);
            await rename(temporary, folder).catch(() => access(path));
        } finally {
            await rm(temporary, { recursive: true, force: true });
        }
    }
    return path;
}
