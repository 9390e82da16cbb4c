import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planOf } from "../../commands/plan/plan";
import { Emulation } from "../../local/emulation";
import { LocalStack } from "../../local/engine/local-stack";
import { allStacks, configurationOf, readProject, stackFolder } from "../../local/stack-files";
import program from "../../stacks/program";

describe("the plans in stacks/plans", async () => {
    const stacks = await allStacks();

    it.each(stacks)(
        "say what stack %s makes; if this fails: npm run plan, and read the difference",
        async (stack) => {
            expect(await planOf(stack)).toBe(await readFile(join(stackFolder, "plans", `${stack}.yaml`), "utf8"));
        },
        60_000,
    );

    it("are there for stacks that exist, and for no others", async () => {
        expect((await readdir(join(stackFolder, "plans"))).sort()).toEqual(stacks.map((stack) => `${stack}.yaml`));
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
            const config = await configurationOf("local");
            const { config: configSchema } = await readProject();
            const emulation = await Emulation.start();
            try {
                const given = { ...config, ...wrong };
                const stack = await LocalStack.create({
                    emulation,
                    configSchema,
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
