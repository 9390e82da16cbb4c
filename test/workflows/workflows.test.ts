import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../local/package-root";
import { actionlint, zizmor } from "./linters";

const execute = promisify(execFile);
const github = join(packageRoot, ".github");

interface Job {
    permissions?: Record<string, string>;
    if?: string;
    uses?: string;
    concurrency?: object;
    "runs-on"?: string;
    "timeout-minutes"?: number;
}

interface Workflow {
    on: unknown;
    permissions: object;
    concurrency?: object;
    jobs: Record<string, Job>;
}

async function workflows(): Promise<{ file: string; text: string; workflow: Workflow }[]> {
    const files = await readdir(join(github, "workflows"));
    return Promise.all(
        files.map(async (file) => {
            const text = await readFile(join(github, "workflows", file), "utf8");
            return { file, text, workflow: parse(text) as Workflow };
        }),
    );
}

describe("the workflows", () => {
    it("please actionlint", async () => {
        const { stdout } = await execute(await actionlint(), ["-color=false"], { cwd: packageRoot });
        expect(stdout).toBe("");
    }, 120_000);

    it("have no weakness that zizmor knows", async (test) => {
        const program = await zizmor();
        test.skip(
            program === undefined,
            "zizmor can't be had here: pip is missing, or there is no build for this machine",
        );
        const { stdout } = await execute(program ?? "", [
            "--offline",
            "--no-progress",
            "--quiet",
            "--color=never",
            github,
        ]);
        expect(stdout.trim()).toMatch(/^(No findings to report.*)?$/s);
    }, 120_000);

    it("pin every action by its commit, with the version beside it, and store no secret", async () => {
        const action = await readFile(join(github, "actions", "prepare", "action.yml"), "utf8");
        const texts = [...(await workflows()).map(({ text }) => text), action];
        const used = texts.flatMap((text) => [...text.matchAll(/uses: (.*)/g)].map(([, name = ""]) => name));
        expect(used.length).toBeGreaterThan(10);
        for (const name of used) expect(name).toMatch(/^(\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/);
        expect(texts.join("\n")).not.toMatch(/secrets\.|pull_request_target/);
    });

    it("give no permission to all jobs, an end to each, and one run at a time to what changes a stack", async () => {
        for (const { file, workflow } of await workflows()) {
            expect(workflow.permissions, file).toEqual({});
            for (const [name, job] of Object.entries(workflow.jobs)) {
                if (job.uses === undefined) expect(job["timeout-minutes"], `${file} ${name}`).toBeGreaterThan(0);
                expect(job.permissions?.["contents"], `${file} ${name}`).toBe("read");
                expect(workflow.concurrency ?? job.concurrency, `${file} ${name}`).toBeDefined();
            }
        }
    });

    it("let no run that a pull request starts act as who may sign in to a database", async () => {
        for (const { file, workflow, text } of await workflows()) {
            if (!text.includes("vars.PREVIEW_CLIENT_ID")) continue;
            expect(workflow.on, file).toBe("pull_request");
            expect(text, file).not.toMatch(/--refresh|pulumi up/);
        }
    });

    it("give a fork no identity", async () => {
        for (const { file, workflow, text } of await workflows()) {
            if (!JSON.stringify(workflow.on).includes("pull_request")) continue;
            for (const { permissions, if: condition = "" } of Object.values(workflow.jobs)) {
                if (permissions?.["id-token"] === undefined) continue;
                expect(condition, file).toContain("head.repo.full_name == github.repository");
            }
            expect(text).not.toContain("issue_comment");
        }
    });
});

describe("the examples for other systems", () => {
    it.each(["azure-pipelines.yml", ".gitlab-ci.yml"])(
        "%s previews, summarizes, checks policies and deploys",
        async (file) => {
            const text = await readFile(join(packageRoot, "examples", "pipelines", file), "utf8");
            expect(parse(text)).toBeTypeOf("object");
            for (const part of [
                /preview .*--show-sames --policy-pack policies/,
                /summary preview.json --fail-on destroys-data/,
                /pulumi up --stack prod --yes/,
            ]) {
                expect(text).toMatch(part);
            }
            expect(text).not.toMatch(/password|client.?secret/i);
        },
    );
});

describe.skipIf(spawnSync("jq", ["--version"]).status !== 0)("scripts of the workflows, where jq is", () => {
    let folder: string;

    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "workflows-"));
        await mkdir(join(folder, "bin"));
        await mkdir(join(folder, "stacks"));
        await writeFile(join(folder, "stacks", "Pulumi.pr.yaml"), "config: {}\n");
    });

    afterEach(async () => {
        await rm(folder, { recursive: true, force: true });
    });

    /** Puts a program on the path that writes its arguments down and prints an answer to some. */
    async function standIn(name: string, when = "", answer = ""): Promise<void> {
        const file = join(folder, "bin", name);
        await writeFile(join(folder, `${name}.answer`), answer);
        await writeFile(
            file,
            `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\ncase "$*" in "${when}"*) cat "${folder}/${name}.answer";; esac\n`,
        );
        await chmod(file, 0o755);
    }

    it("clear-up goes on after a stack that can't be destroyed, and fails at the end", async () => {
        const over = ["pr-1", "pr-2"].map((stack) => ({ tags: { stack, expires: "2020-01-01T00:00:00Z" } }));
        await standIn("az", "group list", JSON.stringify(over));
        await standIn("pulumi");
        await writeFile(
            join(folder, "bin", "pulumi"),
            `#!/bin/sh\necho "pulumi $*" >> "${folder}/calls"\ncase "$*" in *pr-1*) exit 255;; esac\n`,
        );
        await expect(run("clear-up")).rejects.toMatchObject({ code: 1 });
        expect(await readFile(join(folder, "calls"), "utf8")).toContain("destroy --stack pr-2");
        expect(await readFile(join(folder, "stacks", "Pulumi.pr-2.yaml"), "utf8")).toBe(
            "config: {}\nsecretsprovider: azurekeyvault://test\n",
        );
    });

    async function run(script: string, ...args: string[]): Promise<string[]> {
        await execute(join(github, "scripts", script), args, {
            cwd: folder,
            env: {
                ...process.env,
                SECRETS_PROVIDER: "azurekeyvault://test",
                PATH: `${join(folder, "bin")}:${String(process.env["PATH"])}`,
            },
        });
        return (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
    }

    it.each([
        ["opens an issue for new drift", { update: 1, same: 3 }, [], /^gh issue create --title Drift in stack prod/],
        [
            "updates the open one",
            { update: 1 },
            [{ number: 7, title: "Drift in stack prod" }],
            /^gh issue edit 7 --body-file/,
        ],
        [
            "takes no other stack's",
            { update: 1 },
            [{ number: 8, title: "Drift in stack prod-west" }],
            /^gh issue create/,
        ],
        [
            "closes it when the drift is over",
            { same: 4 },
            [{ number: 7, title: "Drift in stack prod" }],
            /^gh issue close 7/,
        ],
    ])("report-drift %s", async (_, changeSummary, issues, last) => {
        await standIn("gh", "issue list", JSON.stringify(issues));
        await writeFile(join(folder, "preview.json"), JSON.stringify({ changeSummary }));
        const calls = await run("report-drift", "prod", "preview.json", "drift.md");
        expect(calls).toHaveLength(2);
        expect(calls.at(-1)).toMatch(last);
    });

    it("report-drift says nothing when there is nothing to say", async () => {
        await standIn("gh", "issue list", "[]");
        await writeFile(join(folder, "preview.json"), JSON.stringify({ changeSummary: { same: 4 } }));
        expect(await run("report-drift", "prod", "preview.json", "drift.md")).toHaveLength(1);
    });

    it("clear-up destroys stacks of pull requests whose time is over, and no others", async () => {
        const group = (stack: string, expires: string) => ({ tags: { stack, expires } });
        await standIn(
            "az",
            "group list",
            JSON.stringify([
                group("pr-1", "2020-01-01T00:00:00Z"),
                group("pr-2", "2999-01-01T00:00:00Z"),
                group("prod", "2020-01-01T00:00:00Z"),
                group("pr-3", "2020-01-01T00:00:00Z"),
                group("pr-4", "whenever"),
                group("pr-eu", "2020-01-01T00:00:00Z"),
                group("pr-5/../prod", "2020-01-01T00:00:00Z"),
                { tags: { stack: "pr-6" } },
                { tags: null },
                { tags: {} },
            ]),
        );
        await standIn("pulumi");
        expect(await run("clear-up")).toEqual([
            "az group list --output json",
            "pulumi destroy --stack pr-1 --yes --remove",
            "pulumi destroy --stack pr-3 --yes --remove",
        ]);
    });
});

describe("the document", () => {
    it("names every workflow", async () => {
        const text = await readFile(join(packageRoot, "docs", "continuous-delivery.md"), "utf8");
        const documented = [...text.matchAll(/^\| `([\w-]+)` /gm)].map(([, name = ""]) => `${name}.yml`);
        const called = ["deploy-stack.yml"];
        expect([...documented, ...called].sort()).toEqual((await workflows()).map(({ file }) => file).sort());
    });
});
