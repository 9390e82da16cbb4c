import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batches } from "../../provider/grants/batches";

interface Job {
    role: string;
    isFaulty: boolean;
}

/** A connection: whether a transaction on it failed, and whether it broke with that. */
interface Client {
    isOpen: boolean;
    hasFailed: boolean;
}

/** A database that does jobs one after another, and what was committed in it. */
function database({ breaks = false } = {}) {
    const committed: Job[][] = [];
    const batches = new Batches<Client, Job>(
        async (client, jobs) => {
            await Promise.resolve();
            expect(client).toEqual({ isOpen: true, hasFailed: false });
            const faulty = jobs.find(({ isFaulty }) => isFaulty);
            if (faulty) {
                client.hasFailed = true;
                client.isOpen = !breaks;
                throw new Error(`${faulty.role} is at fault`);
            }
            committed.push([...jobs]);
        },
        (client) => {
            client.hasFailed = false;
            return client.isOpen ? Promise.resolve() : Promise.reject(new Error("not queryable"));
        },
    );
    let before: Promise<unknown> = Promise.resolve();
    const use = (work: (client: Client) => Promise<void>): Promise<void> => {
        const turn = before.then(() => work({ isOpen: true, hasFailed: false }));
        before = turn.catch(() => undefined);
        return turn;
    };
    return { committed, add: (job: Job) => batches.add("orders", job, use) };
}

const jobs = (...roles: string[]): Job[] => roles.map((role) => ({ role, isFaulty: false }));

describe("changes of rights that wait for one database", () => {
    it("are done together", async () => {
        const { committed, add } = database();
        const given = jobs("a", "b", "c", "d");
        await Promise.all(given.map(add));
        expect(committed).toEqual([given]);
    });

    it("are done by themselves once they failed together, so that only the faulty one fails", async () => {
        const { committed, add } = database();
        const given = [...jobs("a"), { role: "b", isFaulty: true }, ...jobs("c")];
        const outcomes = await Promise.allSettled(given.map(add));
        expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
        expect(committed).toEqual([[given[0]], [given[2]]]);
    });

    it("say why they failed, not that the connection was gone then", async () => {
        const { add } = database({ breaks: true });
        const outcome = Promise.allSettled([{ role: "a", isFaulty: true }, ...jobs("b")].map(add));
        expect((await outcome)[0]).toMatchObject({ reason: { message: "a is at fault" } });
    });

    it("are each done once, few at a time, one after another for one role, whichever are faulty", async () => {
        const job = fc.record({ role: fc.constantFrom("a", "b", "c", "d", "e"), isFaulty: fc.boolean() });
        await fc.assert(
            fc.asyncProperty(fc.array(job, { maxLength: 80 }), async (given) => {
                const { committed, add } = database();
                const outcomes = await Promise.allSettled(given.map((one) => add(one)));
                expect(outcomes.map(({ status }) => status === "rejected")).toEqual(
                    given.map(({ isFaulty }) => isFaulty),
                );
                const done = committed.flat();
                expect(new Set(done).size).toBe(done.length);
                expect(done.length).toBe(given.filter(({ isFaulty }) => !isFaulty).length);
                for (const batch of committed) expect(new Set(batch.map(({ role }) => role)).size).toBe(batch.length);
            }),
        );
        const { committed, add } = database();
        await Promise.all(jobs(...Array.from({ length: 100 }, (_, index) => `role ${String(index)}`)).map(add));
        expect(committed.map(({ length }) => length)).toEqual([32, 32, 32, 4]);
    });
});
