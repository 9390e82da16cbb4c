import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findEngine, keptEngine, pinnedVersion, privateCache } from "../../local/engine/engine";
import { packageRoot } from "../../local/package-root";

let base: string;

beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "ep-cache-"));
    vi.stubEnv("XDG_CACHE_HOME", base);
});

afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(base, { recursive: true, force: true });
});

const program = "#!/bin/sh\necho v3.259.0\n";

/** Puts a program into the cache as an earlier run would have. */
async function keep(): Promise<string> {
    const root = join(await privateCache(), "engine", await pinnedVersion());
    await mkdir(join(root, "bin"), { recursive: true });
    await writeFile(join(root, "bin", "pulumi"), program, { mode: 0o755 });
    await writeFile(join(root, "pulumi.sha256"), `${createHash("sha256").update(program).digest("hex")}\n`);
    return root;
}

describe.skipIf(process.platform === "win32")("the cache", () => {
    it("is made for this user alone", async () => {
        expect((await stat(await privateCache())).mode & 0o777).toBe(0o700);
    });

    it.each([0o770, 0o777, 0o1777])("is refused when others can write to it, as with mode %o", async (mode) => {
        await mkdir(join(base, "entra-postgres"));
        await chmod(join(base, "entra-postgres"), mode);
        await expect(privateCache()).rejects.toThrow(/entra-postgres can be written by others.*set XDG_CACHE_HOME/);
    });

    it("is refused when it belongs to another user, also by way of a link", async () => {
        let theirs = "/";
        if (process.getuid?.() === 0) {
            theirs = join(base, "theirs");
            await mkdir(theirs);
            await chown(theirs, 65534, 65534);
        }
        await symlink(theirs, join(base, "entra-postgres"));
        await expect(privateCache()).rejects.toThrow(/belongs to another user/);
    });
});

describe.skipIf(process.platform === "win32")("an engine that was kept", () => {
    it("is used while it is what was put there", async () => {
        const root = await keep();
        expect((await keptEngine(root, () => undefined))?.command).toBe(join(root, "bin", "pulumi"));
    });

    it("is not run and is removed, with a word, once it was changed or its checksum is missing", async () => {
        const said: string[] = [];
        const root = await keep();
        const ran = join(base, "ran");
        await writeFile(join(root, "bin", "pulumi"), `#!/bin/sh\ntouch ${ran}\necho v3.259.0\n`);
        expect(await keptEngine(root, (message) => said.push(message))).toBeUndefined();
        expect(said).toEqual([expect.stringContaining("isn't the one that was put there")]);
        await expect(stat(ran)).rejects.toThrow("ENOENT");
        await expect(stat(root)).rejects.toThrow("ENOENT");

        await rm(join(await keep(), "pulumi.sha256"));
        expect(await keptEngine(root, () => undefined)).toBeUndefined();
    });

    it("isn't looked for in a cache that others can write to", async () => {
        vi.stubEnv("PATH", "/nowhere");
        await keep();
        await chmod(join(base, "entra-postgres"), 0o777);
        await expect(findEngine()).rejects.toThrow("can be written by others");
    });
});

describe("an engine that is built", () => {
    it("comes from modules whose checksums are in tools/go.sum, with no replacement that has none", async () => {
        const [manifest, sums, source] = await Promise.all(
            ["tools/go.mod", "tools/go.sum", "local/engine/engine.ts"].map((file) =>
                readFile(join(packageRoot, file), "utf8"),
            ),
        );
        const version = await pinnedVersion();
        for (const path of ["pkg", "sdk"]) {
            expect(sums).toMatch(new RegExp(`^github.com/pulumi/pulumi/${path}/v3 v${version} h1:\\S{43}=$`, "m"));
        }
        expect(manifest).not.toMatch(/=>\s*\.{0,2}\//);
        expect(source).toContain('"-mod=readonly"');
    });
});
