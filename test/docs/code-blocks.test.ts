/** Each block of code in README and the site: compiled, parsed or run, as far as its language allows on this machine. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type CodeBlock, codeBlocks } from "../support/code-blocks";
import { EmulatedServer } from "../support/emulated-server";
import { faultsOf } from "./shell";
import { compile } from "./typescript";

const execute = promisify(execFile);
const blocks = codeBlocks();
const inLanguage = (language: string): CodeBlock[] => blocks.filter((block) => block.language === language);

/** The languages that are looked at below, and `text` for what isn't code. */
const languages = ["ts", "sh", "yaml", "json", "sql", "python", "text"];

it("each block is in a language that is looked at", () => {
    const others = blocks.filter(({ language }) => !languages.includes(language));
    const found = others.map(({ place, language }) => `${place} is in "${language}"`);
    expect(found, `Name one of ${languages.join(", ")} after the fence, or check another language here.`).toEqual([]);
});

describe("TypeScript", () => {
    const wrong = [
        `import { EntraPostgres } from "pulumi-entra-postgres";\nnew EntraPostgres("orders", { nothing: 1 });`,
        `groupSync: "yes",`,
        `groupSync: true,`,
    ].map((source, index) => ({
        place: `example ${String(index)}`,
        language: "ts",
        note: index === 0 ? "" : "EntraPostgresArgs",
        text: source,
    }));
    let errors: string[];
    beforeAll(() => {
        errors = compile([...inLanguage("ts"), ...wrong]);
    }, 180_000);

    it("compiles", () => {
        const found = errors.filter((error) => !error.startsWith("example"));
        expect(found, "Correct the block: readers copy it.").toEqual([]);
    });

    it("is looked at: a wrong argument is found, in a program and in a part of one", () => {
        const [first, second, ...others] = errors.filter((error) => error.startsWith("example"));
        expect(first).toMatch(/^example 0: .*'nothing' does not exist/);
        expect(second).toMatch(/^example 1: .*not assignable to type 'boolean/);
        expect(others).toEqual([]);
    });
});

describe("commands", () => {
    it("are ones that a shell understands, with options that exist", async () => {
        const faults: string[] = [];
        for (const { place, text: script } of inLanguage("sh")) {
            faults.push(...(await faultsOf(script)).map((fault) => `${place}: ${fault}`));
        }
        expect(faults, "Correct the block: readers copy it.").toEqual([]);
    }, 120_000);

    it.each([
        ["npx entra-postgres conect", "unknown command 'conect'"],
        ["npx entra-postgres connect --az x", "unknown option '--az'"],
        ["npx entra-postgres import --server orders", "required option '--as"],
        ["npm run nothing", "npm run nothing"],
        ['echo "$(pulumi stack output --jason)"', "--jason"],
        ["pulumi prevue", "pulumi prevue"],
        ["kubectl get pods", "kubectl"],
        ["if true", "syntax error"],
    ])("are looked at: %s", async (script, fault) => {
        expect((await faultsOf(script)).join()).toContain(fault);
    });
});

describe("data", () => {
    it.each(inLanguage("yaml"))("YAML at $place", ({ text: source }) => {
        expect(parseAllDocuments(source).flatMap((document) => document.errors)).toEqual([]);
    });

    it.each(inLanguage("json"))("JSON at $place", ({ text: source }) => {
        expect(() => JSON.parse(source) as unknown).not.toThrow();
    });
});

describe("Python", async () => {
    const python = await execute("python3", ["--version"]).catch(() => undefined);
    if (!python) console.warn("Python isn't parsed: there is no python3 on this machine.");

    it.skipIf(!python).each(inLanguage("python"))("parses: $place", async ({ text: source }) => {
        await execute("python3", ["-c", "import ast, sys; ast.parse(sys.argv[1])", source]);
    });
});

describe.skipIf(inLanguage("sql").length === 0)("SQL", () => {
    let server: EmulatedServer;
    beforeAll(async () => {
        server = await EmulatedServer.start();
    });
    afterAll(async () => {
        await server.stop();
    });

    it.each(inLanguage("sql"))("runs on the emulation, in database ${note}: $place", async ({ text: source, note }) => {
        await server.query(`begin; ${source}\n; rollback;`, undefined, note === "" ? "postgres" : note);
    });
});
