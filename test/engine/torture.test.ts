import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../local/package-root";
import { feasible } from "../../torture/desired-state";
import { faultKinds } from "../../torture/faults";
import { checkCatalog } from "../../torture/invariants";
import { type Recording, withRecordings } from "../../torture/recording";
import { type Round, play, roundsOf } from "../../torture/round";
import { shrink } from "../../torture/shrink";
import { World } from "../../torture/world";

const rounds = roundsOf(1, 400);
const roundWith = (fault: string): Round => {
    const found = rounds.find((round) => round.fault === fault);
    if (!found) throw new Error(`no round has the fault ${fault}`);
    // Of a database in which access to things made by hand is wanted none is dropped.
    return fault.endsWith("database dropped") ? { ...found, state: feasible(found.state, []) } : found;
};

describe("rounds", () => {
    it("are the same for the same seed, and have faults of every kind", () => {
        expect(roundsOf(1, 40)).toEqual(rounds.slice(0, 40));
        expect(roundsOf(2, 40)).not.toEqual(rounds.slice(0, 40));
        expect(new Set(rounds.map(({ fault }) => fault))).toEqual(new Set(faultKinds));
    });
});

describe("in a short run", () => {
    let world: World;

    beforeAll(async () => {
        world = await World.start();
    }, 120_000);

    afterAll(async () => {
        await world.stop();
    });

    it.each([
        "database killed",
        "provider killed",
        "engine killed",
        "sockets cut",
        "by hand: privileges added",
        "by hand: database dropped",
    ])(
        "everything is as wanted after: %s",
        async (fault) => {
            const { violations, struck } = await play(world, roundWith(fault));
            expect(violations, JSON.stringify(roundWith(fault))).toEqual([]);
            expect(struck).toBe(true);
        },
        120_000,
    );

    it("what is too much, missing or open to strangers is noticed", async () => {
        await play(world, roundWith("none"));
        const [database = "orders"] = world.state.databases;
        await world.administer(database, "GRANT CONNECT ON DATABASE " + database + " TO PUBLIC");
        expect(await checkCatalog(world)).toEqual([
            { invariant: "catalog", what: `unexpected: ${database}: database: PUBLIC CONNECT` },
        ]);
    }, 120_000);
});

describe("a failure", () => {
    it("becomes as small as it can be", async () => {
        // As if a product forgot what a Writer had after its provider was killed.
        const fails = (tried: readonly Round[]): Promise<boolean> => {
            const wrote = tried.findIndex(({ state }) =>
                state.access.some(({ rights }) => rights.profile === "Writer"),
            );
            return Promise.resolve(
                wrote >= 0 && tried.slice(wrote + 1).some(({ fault }) => fault === "provider killed"),
            );
        };
        const failing = rounds.slice(0, rounds.findLastIndex(({ fault }) => fault === "provider killed") + 1);
        expect(await fails(failing)).toBe(true);
        const smallest = await shrink(failing, fails);
        expect(smallest.map(({ fault }) => fault)).toEqual(["none", "provider killed"]);
        expect(smallest.map(({ state }) => state.access)).toEqual([
            [
                {
                    role: expect.any(String) as string,
                    database: expect.any(String) as string,
                    rights: { profile: "Writer" },
                },
            ],
            [],
        ]);
        expect(await shrink(failing, fails, () => true)).toBe(failing);
    });
});

describe("the recorded run", () => {
    it("is long, of one build, violates nothing, and is what the document shows", async () => {
        const folder = join(packageRoot, "torture", "results");
        const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
        const recordings = await Promise.all(
            names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Recording),
        );
        expect(recordings.flatMap(({ violations }) => violations)).toEqual([]);
        expect(recordings.reduce((sum, { rounds }) => sum + rounds, 0)).toBeGreaterThanOrEqual(500);
        expect(new Set(recordings.map(({ versions }) => versions["build"])).size).toBe(1);
        const document = await readFile(join(packageRoot, "docs", "torture.md"), "utf8");
        expect(document).toBe(withRecordings(document, recordings));
    });
});
