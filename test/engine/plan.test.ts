import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { allStacks, planOf } from "../../commands/plan/plan";
import { Emulation } from "../../local/emulation";
import { LocalStack, type LocalStackOptions } from "../../local/engine/local-stack";
import { packageRoot } from "../../local/package-root";
import program from "../../stacks/program";

const folder = join(packageRoot, "stacks");

describe("the plans in stacks/plans", async () => {
    const stacks = await allStacks();

    it.each(stacks)(
        "say what stack %s makes; if this fails: npm run plan, and read the difference",
        async (stack) => {
            expect(await planOf(stack)).toBe(await readFile(join(folder, "plans", `${stack}.yaml`), "utf8"));
        },
        60_000,
    );

    it("are there for stacks that exist, and for no others", async () => {
        expect((await readdir(join(folder, "plans"))).sort()).toEqual(stacks.map((stack) => `${stack}.yaml`));
    });
});

describe("a stack's configuration", () => {
    it.each([
        ["a section that isn't there", { "orders:server": undefined }, /missing configuration value 'server'/],
        ["a key nobody knows", { "orders:databeses": [] }, /databeses: unknown key; did you mean databases\?/],
        ["a value of another type", { "orders:groupSync": "perhaps" }, /groupSync/],
    ])(
        "with %s is refused before anything is made",
        async (_, wrong, message) => {
            const read = async (file: string): Promise<Record<string, unknown>> =>
                parse(await readFile(file, "utf8")) as Record<string, unknown>;
            const { config } = await read(join(folder, "Pulumi.local.yaml"));
            const { config: schema } = await read(join(packageRoot, "Pulumi.yaml"));
            const emulation = await Emulation.start();
            try {
                const given = { ...(config as Record<string, unknown>), ...wrong };
                const stack = await LocalStack.create({
                    emulation,
                    configSchema: schema as NonNullable<LocalStackOptions["configSchema"]>,
                    config: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
                    program: () => Promise.resolve(program()),
                });
                await expect(stack.preview()).rejects.toThrow(message);
            } finally {
                await emulation.stop();
            }
        },
        60_000,
    );
});
