/** One round: a state is deployed, something goes wrong, it is deployed again, and then everything must be as it should. */
import fc from "fast-check";
import { type DesiredState, desiredStates, feasible } from "./desired-state";
import { type Fault, type Strike, calm, faultKinds, faults } from "./faults";
import { type SignIns, type Violation, checkCatalog, checkServer, checkSignIns } from "./invariants";
import { ends, providers } from "./processes";
import { World } from "./world";

export interface Round {
    state: DesiredState;
    fault: string;
    /** At which of the engine's steps the fault strikes. */
    moment: number;
    /** A number by which a fault, and what happens by hand, chooses among its ways. */
    choice: number;
}

/** What a round showed. */
export interface Report {
    violations: Violation[];
    /** Whether the fault found something to strike at. */
    struck: boolean;
    /** Whether the first deployment ended well in spite of the fault. */
    firstSucceeded: boolean;
    signIns: SignIns;
}

/** The rounds of a seed: the same ones each time, and of two lengths the longer begins with the shorter. */
export function roundsOf(seed: number, count: number): Round[] {
    const rounds: fc.Arbitrary<Round> = fc.record({
        state: desiredStates,
        fault: fc.constantFrom(...faultKinds),
        moment: fc.nat(6),
        choice: fc.nat(9999),
    });
    return fc.sample(rounds, { seed, numRuns: count });
}

export async function play(world: World, round: Round): Promise<Report> {
    const { deployment } = world;
    const fault: Fault = faults[round.fault] ?? {};
    const strike: Strike = { world, choice: round.choice };
    const state = feasible(round.state, world.furnished);
    const violations: Violation[] = [];
    let struck = fault.before !== undefined || round.fault === "none";

    if (round.choice % 3 === 0) await world.migrate(round.choice);
    fault.before?.(strike);
    let striking: Promise<void> | undefined;
    const affected = new Set<number>();
    deployment.onStep = () => {
        if (striking || deployment.steps.length <= round.moment) return;
        striking = (async () => {
            for (const id of await providers()) affected.add(id);
            await fault.during?.(strike);
        })();
        if (fault.during) struck = true;
    };
    const first = await attempt(() => world.up(state));
    deployment.onStep = undefined;
    violations.push(...checkServer(deployment.steps));
    if (first !== undefined && !fault.before && !fault.during) {
        const what = `the first run fails undisturbed: ${deployment.errors.join("\n") || first}`;
        violations.push({ invariant: "deployment", what });
    }
    await striking;
    calm(world);

    const drift = first === undefined ? fault.after?.(strike) : undefined;
    if (drift) {
        await drift;
        struck = true;
    }
    await fault.recover?.(strike);
    const second = await attempt(() => world.up(state, { refresh: drift !== undefined }));
    violations.push(...checkServer(deployment.steps));
    if (second !== undefined) {
        violations.push({
            invariant: "deployment",
            what: `the second run fails: ${deployment.errors.join("\n") || second}`,
        });
        return { violations, struck, firstSucceeded: first === undefined, signIns: { admitted: 0, refused: 0 } };
    }
    if (first === undefined && !drift && deployment.steps.length > 0) {
        const steps = deployment.steps.map(({ operation, name }) => `${operation} ${name}`).join(", ");
        violations.push({ invariant: "deployment", what: `the second run finds something to do: ${steps}` });
    }
    await world.furnish();
    violations.push(...(await checkCatalog(world)));
    const { violations: more, tried } = await checkSignIns(world, round.choice);
    violations.push(...more);
    for (const id of affected) {
        if (!(await ends(id)))
            violations.push({ invariant: "processes", what: `provider ${String(id)} goes on running` });
    }
    return { violations, struck, firstSucceeded: first === undefined, signIns: tried };
}

/** Whether rounds in a world of their own end in a violation of one of these invariants. */
export async function violates(rounds: readonly Round[], invariants: ReadonlySet<string>): Promise<boolean> {
    const world = await World.start();
    try {
        for (const round of rounds) {
            const { violations } = await play(world, round);
            if (violations.length > 0) return violations.some(({ invariant }) => invariants.has(invariant));
        }
        return false;
    } finally {
        await world.stop();
    }
}

/** What went wrong, in words. */
async function attempt(work: () => Promise<void>): Promise<string | undefined> {
    try {
        await work();
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
