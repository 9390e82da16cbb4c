/** The threat model names its tests, and they are there. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../local/package-root";

const file = (...path: string[]): Promise<string> => readFile(join(packageRoot, ...path), "utf8");

/** The rows of every table, cell by cell, without headings. */
function rowsOf(text: string): string[][] {
    return [...text.matchAll(/^\| (.*) \|$/gm)]
        .map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()))
        .filter(([first = ""]) => first !== "Threat" && !/^-+$/.test(first));
}

describe("docs/security.md", () => {
    it("has for each threat what stops it and a test that there is", async () => {
        const rows = rowsOf(await file("docs", "security.md"));
        expect(rows.length).toBeGreaterThan(25);
        for (const [threat = "", mitigation = "", tests = ""] of rows) {
            expect(mitigation, threat).not.toBe("");
            const named = [...tests.matchAll(/`([\w/-]+)`: "([^"]+)"/g)];
            expect(named.length, threat).toBeGreaterThan(0);
            for (const [, path = "", title = ""] of named) {
                const source = await file("test", `${path}.test.ts`);
                expect(source.includes(title), `test/${path}.test.ts has no test "${title}"`).toBe(true);
            }
        }
    });

    it("names every test of security", async () => {
        const text = await file("docs", "security.md");
        const names = (await readdir(join(packageRoot, "test", "security")))
            .filter((name) => name.endsWith(".test.ts") && name !== "threat-model.test.ts")
            .map((name) => `security/${name.replace(".test.ts", "")}`);
        expect(names.length).toBeGreaterThan(5);
        for (const name of names) expect(text).toContain(`\`${name}\``);
    });
});
