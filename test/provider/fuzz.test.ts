import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bob } from "../../local/directory/contoso";
import { EmulatedServer, calls } from "../support/emulated-server";

let server: EmulatedServer;

beforeAll(async () => {
    server = await EmulatedServer.start();
});

afterAll(async () => {
    await server.stop();
});

const fragments = [
    ...[
        '"',
        "'",
        "\\",
        "\0",
        ";",
        "--",
        "/*",
        "$$",
        "%s",
        " ",
        "\t",
        "\n",
        "e\u0301",
        "Ünïon",
        "😀",
        "漢字",
        "\u202e",
        "ﬀ",
    ],
    ...[
        "DROP ROLE canary",
        "'; DROP ROLE canary; --",
        '" LOGIN SUPERUSER; --',
        "E'\\''",
        "public",
        "pg_",
        "x".repeat(60),
        "é".repeat(31),
    ],
];

/** Names as nobody should choose them. */
const name = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 6 }).map((parts) => parts.join("")),
    fc.string({ minLength: 55, maxLength: 70 }),
);

describe("names of principals", () => {
    it("never reach the database as anything but names: 10,000 of them are made, read and dropped", async () => {
        const engine = calls(await server.provider());
        await server.query("CREATE ROLE canary");
        const roles = async () => (await server.query("SELECT rolname, rolsuper FROM pg_roles ORDER BY 1")) as unknown;
        const before = await roles();

        const names = [...new Set(fc.sample(name, { numRuns: 14_000, seed: 20261124 }))].slice(0, 10_000);
        expect(names.length).toBe(10_000);
        let [reached, next] = [0, 0];
        const worker = async (): Promise<void> => {
            for (let each = names[next++]; each !== undefined; each = names[next++]) {
                const inputs = { name: each, type: "User", objectId: bob.objectId };
                const { failures } = await engine.check(inputs);
                if (failures.length > 0) continue;
                reached += 1;
                const { outputs } = await engine.create(inputs);
                expect(outputs["name"]).toBe(each);
                expect((await engine.read(inputs))?.inputs["name"]).toBe(each);
                await engine.delete(inputs);
            }
        };
        await Promise.all(Array.from({ length: 7 }, worker));
        expect(reached).toBeGreaterThan(5_000);
        expect(await roles()).toEqual(before);
    }, 280_000);
});
