import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alice, readers } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { findEngine, privateCache } from "../../local/engine/engine";
import { packageRoot } from "../../local/package-root";
import { signIn } from "../../local/sign-in";
import { schema } from "../../provider/schema";
import { componentSchema } from "../../tools/schema/component";

const execute = promisify(execFile);

describe("the schema for other languages", () => {
    it("is what the types say; if this fails: npm run schema", async () => {
        const file = join(packageRoot, "provider", "construct", "component-schema.json");
        expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(componentSchema()));
    }, 60_000);

    it("is one that the engine accepts", async () => {
        const folder = await mkdtemp(join(tmpdir(), "entra-schema-"));
        try {
            const file = join(folder, "schema.json");
            await writeFile(file, JSON.stringify(schema));
            await execute((await findEngine()).command, ["schema", "check", file]);
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
    }, 60_000);
});

const version = "3.248.0";

/** Python with Pulumi's package, made once for a machine; undefined where Python can't have one. */
async function python(): Promise<string | undefined> {
    const folder = join(await privateCache(), `python-pulumi-${version}`);
    const program = join(folder, "bin", "python");
    try {
        await access(join(folder, "complete"));
        return program;
    } catch {
        try {
            await rm(folder, { recursive: true, force: true });
            await execute("python3", ["-m", "venv", folder]);
            await execute(program, ["-m", "pip", "install", "--quiet", `pulumi==${version}`, "parver", "semver"]);
            await writeFile(join(folder, "complete"), "");
            return program;
        } catch {
            return undefined;
        }
    }
}

describe("a program in Python", () => {
    let folder: string;
    let emulation: Emulation;

    beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), "entra-python-"));
        emulation = await Emulation.start({ settleTime: 50 });
    });

    afterAll(async () => {
        await emulation.stop();
        await rm(folder, { recursive: true, force: true });
    });

    it("does the main job with the package that Pulumi generates", async (test) => {
        const interpreter = await python();
        test.skip(interpreter === undefined, "python3 with venv and pip is needed for this");

        const schemaFile = join(folder, "schema.json");
        const sdk = join(folder, "sdk");
        await writeFile(schemaFile, JSON.stringify(schema));
        await execute("go", ["run", "./python-sdk", schemaFile, sdk], {
            cwd: join(packageRoot, "tools"),
            env: { ...process.env, GOFLAGS: "-mod=readonly" },
        });
        const site = join(folder, "site");
        await execute(interpreter ?? "", ["-m", "pip", "install", "--quiet", "--no-deps", "--target", site, sdk]);
        expect(await readdir(join(site, "pulumi_entra_postgres"))).toContain("entra_postgres.py");

        const state = join(folder, "state");
        await mkdir(state);
        const run = async (operation: string, PROFILE = "Reader"): Promise<Record<string, Record<string, unknown>>> => {
            const engine = (await findEngine()).command;
            const { stdout } = await execute(
                interpreter ?? "",
                [join(packageRoot, "test", "languages", "program.py"), operation],
                {
                    env: {
                        ...process.env,
                        ...emulation.environment(),
                        PROFILE,
                        PYTHONPATH: site,
                        ENGINE: dirname(dirname(engine)),
                        SETTINGS: JSON.stringify(emulation.providerSettings()),
                        PULUMI_BACKEND_URL: `file://${state}`,
                        PULUMI_HOME: join(folder, "home"),
                        PULUMI_CONFIG_PASSPHRASE: "for a test",
                        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                        PULUMI_SKIP_UPDATE_CHECK: "true",
                    },
                },
            );
            return JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as Record<string, Record<string, unknown>>;
        };

        const failure = await run("preview", "Raeder").catch(
            (error: unknown) => error as { stdout: string; stderr: string },
        );
        expect(JSON.stringify(failure)).toMatch(/access\[0\].*Raeder/);

        const { changes } = await run("preview");
        expect(changes?.["create"]).toBeGreaterThan(15);
        const { outputs } = await run("up");
        expect(outputs).toMatchObject({ user: readers.displayName });
        const client = await signIn(emulation, String(outputs?.["host"]), alice, readers.displayName, "orders");
        expect((await client.query("SELECT current_user AS me")).rows).toEqual([{ me: readers.displayName }]);
        await expect(client.query("CREATE TABLE mine (id int)")).rejects.toThrow(/permission denied/);
        await client.end();
        const files = await readdir(state, { recursive: true, withFileTypes: true });
        for (const file of files.filter((each) => each.isFile())) {
            expect(await readFile(join(file.parentPath, file.name), "utf8")).not.toContain("S3cret-given-by-hand");
        }
        const quiet = await run("preview");
        expect(Object.keys(quiet["changes"] ?? {})).toEqual(["same"]);
    }, 300_000);
});
