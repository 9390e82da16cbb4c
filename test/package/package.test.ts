/** What users install: the packed tarball in a project of its own, with nothing but what the package asks for. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Emulation } from "../../local/emulation";
import { findEngine } from "../../local/engine/engine";
import { packageRoot } from "../../local/package-root";
import { readmeBlock } from "../support/readme";

const execute = promisify(execFile);
let folder: string;
let tarball: string;
let project: string;

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "entra-pack-"));
    await execute("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: packageRoot });
    const [name = ""] = await readdir(folder);
    tarball = join(folder, name);
    project = join(folder, "project");
    await mkdir(join(project, "node_modules"), { recursive: true });
    await execute("tar", ["-xzf", tarball, "-C", join(project, "node_modules")]);
    await execute("mv", [
        join(project, "node_modules", "package"),
        join(project, "node_modules", "pulumi-entra-postgres"),
    ]);
    // Installed by link: what the package needs, and nothing that only this repository has.
    const { packages } = JSON.parse(await readFile(join(packageRoot, "package-lock.json"), "utf8")) as {
        packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
    };
    for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
        if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || dev === true || optional === true) continue;
        if (devOptional === true && !path.endsWith("typescript")) continue;
        await mkdir(dirname(join(project, path)), { recursive: true });
        await symlink(join(packageRoot, path), join(project, path));
    }
    await link("@pulumi/pulumi");
}, 60_000);

afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
});

/** Links what a user's own project has besides. */
async function link(name: string): Promise<void> {
    const path = join(project, "node_modules", name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(packageRoot, "node_modules", name), path).catch(() => undefined);
}

async function run(file: string, content: string): Promise<string> {
    await writeFile(join(project, file), content);
    return (await execute(process.execPath, [file], { cwd: project })).stdout.trim();
}

describe("the package", () => {
    it("has nothing to complain about for publint", async () => {
        const { publint } = await import("publint");
        const { messages } = await publint({
            pkgDir: join(project, "node_modules", "pulumi-entra-postgres"),
            level: "warning",
        });
        expect(messages).toEqual([]);
    });

    it("has types that are right however it is imported", async () => {
        const attw = join(packageRoot, "node_modules", ".bin", "attw");
        const { stdout } = await execute(attw, [tarball, "--format", "json", "--profile", "node16"]).catch(
            (error: unknown) => error as { stdout: string },
        );
        const { analysis } = JSON.parse(stdout) as { analysis: { problems: unknown[] } };
        expect(analysis.problems).toEqual([]);
    }, 60_000);

    it("is imported by CommonJS and by ECMAScript modules, with every name", async () => {
        const names = `Object.keys(it).filter((name) => !["default", "__esModule"].includes(name) && name !== "module.exports").sort().join()`;
        const common = await run("a.cjs", `const it = require("pulumi-entra-postgres"); console.log(${names})`);
        const modules = await run("b.mjs", `import * as it from "pulumi-entra-postgres"; console.log(${names})`);
        expect(modules).toBe(common);
        expect(common.split(",")).toEqual(
            expect.arrayContaining(["EntraPostgres", "EntraPrincipal", "FlexibleServer", "InvalidArguments"]),
        );
    }, 60_000);

    it.each([
        ["node16", "node16"],
        ["nodenext", "nodenext"],
        ["preserve", "bundler"],
    ])(
        "compiles in strict TypeScript with module %s and resolution %s",
        async (module, moduleResolution) => {
            const program = await readmeBlock("ts");
            // azure-native has no entry points for ECMAScript modules: they name its files.
            await writeFile(join(project, "program.mts"), program.replace("azure-native/resources", "$&/index.js"));
            await writeFile(join(project, "program.cts"), program);
            const compilerOptions = {
                module,
                moduleResolution,
                target: "es2022",
                strict: true,
                skipLibCheck: true,
                noEmit: true,
                types: [],
            };
            await writeFile(
                join(project, "tsconfig.json"),
                JSON.stringify({ compilerOptions, files: ["program.mts", "program.cts"] }),
            );
            const tsc = join(packageRoot, "node_modules", ".bin", "tsc");
            const { stdout } = await execute(tsc, ["-p", "."], { cwd: project }).catch(
                (error: unknown) => error as { stdout: string },
            );
            expect(stdout).toBe("");
        },
        120_000,
    );

    it("has commands that work, but for those that belong to the repository", async () => {
        const main = join(project, "node_modules", "pulumi-entra-postgres", "dist", "commands", "main.js");
        const { stdout } = await execute(process.execPath, [main, "--help"]);
        expect(stdout).toContain("summary");
        expect(stdout).not.toMatch(/^ {2}(local|plan) /m);
        for (const command of ["sql", "summary"]) {
            const failure = await execute(process.execPath, [main, command, "--nonsense"]).catch(
                (error: unknown) => error as { stderr: string },
            );
            expect(failure.stderr, command).toContain("unknown option");
        }
        const { stdout: script } = await execute(process.execPath, [main, "sql", "--preview", await previewFile()]);
        expect(script).toContain("pgaadauth_create_principal");
    }, 60_000);

    it("brings no more than two megabytes", async () => {
        const files = await readdir(join(project, "node_modules", "pulumi-entra-postgres"), {
            recursive: true,
            withFileTypes: true,
        });
        const sizes = await Promise.all(
            files
                .filter((file) => file.isFile())
                .map(async (file) => (await stat(join(file.parentPath, file.name))).size),
        );
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000_000);
    });

    it("previews README's program in an empty project, with the provider that README's Pulumi.yaml names", async () => {
        const program = await readmeBlock("ts");
        const settings = await readmeBlock("yaml");
        expect(
            program
                .trim()
                .split("\n")
                .filter((line) => line.trim() !== "").length,
        ).toBeLessThan(15);
        await writeFile(join(project, "Pulumi.yaml"), `name: shop\nruntime: nodejs\n${settings}`);
        await writeFile(join(project, "index.ts"), program);
        const tsc = join(packageRoot, "node_modules", ".bin", "tsc");
        const options = ["--module", "node16", "--target", "es2022", "--skipLibCheck", "--strict"];
        await execute(tsc, [...options, "index.ts"], { cwd: project });
        await writeFile(join(project, "preview.mjs"), previewer);
        const emulation = await Emulation.start();
        try {
            const state = join(folder, "state");
            await mkdir(state, { recursive: true });
            const { PATH: _, ...environment } = emulation.environment();
            const { stdout } = await execute(process.execPath, ["preview.mjs"], {
                cwd: project,
                env: {
                    ...process.env,
                    ...environment,
                    ENGINE: (await findEngine()).command,
                    PULUMI_BACKEND_URL: `file://${state}`,
                    PULUMI_HOME: join(folder, "home"),
                    PULUMI_CONFIG_PASSPHRASE: "for a test",
                    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                    PULUMI_SKIP_UPDATE_CHECK: "true",
                },
            });
            const { create, text } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
                create: number;
                text: string;
            };
            expect(create).toBeGreaterThan(10);
            expect(text).toContain("EntraPrincipal");
        } finally {
            await emulation.stop();
        }
    }, 120_000);
});

const previewer = `
import automation from "@pulumi/pulumi/automation/index.js";
import { dirname } from "node:path";
const pulumiCommand = await automation.PulumiCommand.get({ root: dirname(dirname(process.env.ENGINE)) });
const program = async () => ({ ...(await import("./index.js")) });
const stack = await automation.LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "shop", program },
    { workDir: process.cwd(), pulumiCommand },
);
const { changeSummary, stdout } = await stack.preview({ color: "never" });
console.log(JSON.stringify({ create: changeSummary.create, text: stdout }));
`;

async function previewFile(): Promise<string> {
    const file = join(folder, "preview.json");
    const inputs = { serverName: "orders", name: "readers", type: "Group", signInAs: "admins" };
    const urn = "urn:pulumi:dev::orders::entra-postgres:index:EntraPrincipal::readers";
    const newState = { type: "entra-postgres:index:EntraPrincipal", inputs };
    await writeFile(file, JSON.stringify({ steps: [{ op: "create", urn, newState }] }));
    return file;
}
