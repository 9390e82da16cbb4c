/** Finds the Pulumi engine, or makes one, so that a clone works on a machine that has none. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { SemVer, gte } from "semver";
import { packageRoot } from "../package-root";

/** The oldest engine that hands every provider error to error hooks. */
export const minimumVersion = "3.244.0";

/** Told what happens, since the first run may take minutes. */
export type Say = (message: string) => void;

/**
 * The engine to use: a `pulumi` on PATH that is new enough; else one that an earlier run left in the cache; else the
 * SDK's installer; else one built from source through the Go module proxy, which takes a few minutes once.
 */
export async function findEngine(say: Say = () => undefined): Promise<PulumiCommand> {
    const installed = await onPath();
    if (installed) return installed;

    const version = await pinnedVersion();
    const root = join(await privateCache(), "engine", version);
    const cached = await keptEngine(root, say);
    if (cached) return cached;

    return (await install(version, root, say)) ?? (await build(version, root, say));
}

/** The engine's version that `tools/go.mod` pins. */
export async function pinnedVersion(): Promise<string> {
    const manifest = await readFile(join(packageRoot, "tools", "go.mod"), "utf8");
    const version = /pulumi\/pkg\/v3 v(\S+)/.exec(manifest)?.[1];
    if (version === undefined) throw new Error("tools/go.mod doesn't say which pulumi/pkg to use.");
    return version;
}

/**
 * Where what takes long to make is kept between runs, for this user alone: programs in it are run.
 *
 * @throws Error when others can put programs there
 */
export async function privateCache(): Promise<string> {
    const base = process.env["XDG_CACHE_HOME"];
    const directory = join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "entra-postgres");
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = await stat(directory);
    const user = process.getuid?.();
    // Windows has neither; there a user's profile is the user's own.
    if (user === undefined) return directory;
    const fault =
        uid !== user ? "belongs to another user" : (mode & 0o022) !== 0 ? "can be written by others" : undefined;
    if (fault === undefined) return directory;
    throw new Error(
        `${directory} ${fault}, and programs from it would be run. ` +
            "Remove it, or set XDG_CACHE_HOME to a folder that only you can write to.",
    );
}

async function onPath(): Promise<PulumiCommand | undefined> {
    const found = await PulumiCommand.get({ skipVersionCheck: true }).catch(() => undefined);
    return found?.version && gte(found.version, minimumVersion) ? found : undefined;
}

/** The engine that an earlier run kept, if it is still the one whose checksum was noted then. */
export async function keptEngine(root: string, say: Say): Promise<PulumiCommand | undefined> {
    const noted = await readFile(join(root, "pulumi.sha256"), "utf8").catch(() => undefined);
    if (noted === undefined) return undefined;
    const actual = await checksum(join(root, "bin", "pulumi")).catch(() => undefined);
    if (actual !== noted.trim()) {
        say(`The engine in ${root} isn't the one that was put there; it is removed.`);
        await rm(root, { recursive: true, force: true });
        return undefined;
    }
    return PulumiCommand.get({ root });
}

async function install(version: string, root: string, say: Say): Promise<PulumiCommand | undefined> {
    say(`No Pulumi engine on PATH; fetching ${version} …`);
    try {
        return await intoCache(root, async (directory) => {
            await PulumiCommand.install({ version: new SemVer(version), root: directory });
        });
    } catch {
        return undefined;
    }
}

async function build(version: string, root: string, say: Say): Promise<PulumiCommand> {
    say(`No download to be had; building the Pulumi engine ${version} from source (some minutes, once) …`);
    const started = Date.now();
    const stamp = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
    const engine = await intoCache(root, async (directory) => {
        await run(
            "go",
            [
                "build",
                // Every module must be what tools/go.sum says, whatever GOFLAGS says.
                "-mod=readonly",
                "-ldflags",
                `-s -w -X ${stamp}`,
                "-o",
                join(directory, "bin", "pulumi"),
                "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
            ],
            join(packageRoot, "tools"),
            () => {
                say(`  still building, ${String(Math.round((Date.now() - started) / 1000))} s …`);
            },
        );
    });
    say(`Built in ${String(Math.round((Date.now() - started) / 1000))} s and kept for the next run.`);
    return engine;
}

/** Fills a folder beside its final place and moves it there, so that a run that is broken off leaves no half engine. */
async function intoCache(root: string, fill: (directory: string) => Promise<void>): Promise<PulumiCommand> {
    const parent = join(root, "..");
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const directory = await mkdtemp(join(parent, ".making-"));
    try {
        await fill(directory);
        const binary = join(directory, "bin", "pulumi");
        await chmod(binary, 0o755);
        await writeFile(join(directory, "pulumi.sha256"), `${await checksum(binary)}\n`);
        await rm(root, { recursive: true, force: true });
        await rename(directory, root);
    } finally {
        await rm(directory, { recursive: true, force: true });
    }
    return PulumiCommand.get({ root });
}

async function checksum(file: string): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}

function run(command: string, args: string[], cwd: string, tick: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
        const timer = setInterval(tick, 30_000);
        let errors = "";
        child.stderr.on("data", (chunk: Buffer) => {
            errors = (errors + chunk.toString()).slice(-4000);
        });
        child.on("error", (error) => {
            clearInterval(timer);
            reject(
                new Error(
                    `The Pulumi engine can't be built: ${error.message}. ` +
                        "Install Pulumi (pulumi.com/docs/install) or Go 1.26 or newer, then run this again.",
                ),
            );
        });
        child.on("close", (code) => {
            clearInterval(timer);
            if (code === 0) resolve();
            else reject(new Error(`Building the Pulumi engine failed (exit ${String(code)}):\n${errors}`));
        });
    });
}
