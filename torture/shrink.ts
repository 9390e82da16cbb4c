/** Makes a failing case smaller: first fewer rounds, then less in each of them. */
import type { DesiredState } from "./desired-state";
import type { Round } from "./round";

/**
 * The smallest case that still fails which is found by taking away one thing after another.
 *
 * @param fails plays a case
 * @param isOver told before each try: when it says so, the smallest case so far is the answer
 */
export async function shrink(
    failing: readonly Round[],
    fails: (rounds: readonly Round[]) => Promise<boolean>,
    isOver: () => boolean = () => false,
): Promise<readonly Round[]> {
    let smallest = failing;
    for (;;) {
        let found: readonly Round[] | undefined;
        for (const candidate of smaller(smallest)) {
            if (isOver()) return smallest;
            if (await fails(candidate)) {
                found = candidate;
                break;
            }
        }
        if (!found) return smallest;
        smallest = found;
    }
}

/** Cases that are smaller by one thing, the ones that save most first. */
export function* smaller(rounds: readonly Round[]): Generator<readonly Round[]> {
    // The last round is the one that fails.
    for (let kept = 1; kept < rounds.length; kept *= 2) yield rounds.slice(-kept);
    for (let index = rounds.length - 2; index >= 0; index--) yield rounds.toSpliced(index, 1);
    for (const [index, round] of rounds.entries()) {
        for (const simpler of simplerRounds(round)) yield rounds.with(index, simpler);
    }
}

function* simplerRounds(round: Round): Generator<Round> {
    if (round.fault !== "none") yield { ...round, fault: "none" };
    for (const state of simplerStates(round.state)) yield { ...round, state };
    if (round.moment > 0) yield { ...round, moment: 0 };
    // The first choice among the ways, and nothing made by hand.
    if (round.choice !== 1) yield { ...round, choice: 1 };
}

function* simplerStates(state: DesiredState): Generator<DesiredState> {
    for (const database of state.databases) {
        if (state.databases.length === 1) break;
        yield {
            ...state,
            databases: state.databases.filter((each) => each !== database),
            access: state.access.filter((each) => each.database !== database),
        };
    }
    for (const entry of state.access) yield { ...state, access: state.access.filter((each) => each !== entry) };
    if (state.secondAdministrator) yield { ...state, secondAdministrator: false };
    if (state.byObjectId) yield { ...state, byObjectId: false };
    if (state.office) yield { ...state, office: false };
    const { logConnections, ...others } = state;
    if (logConnections !== undefined) yield others;
    for (const [index, entry] of state.access.entries()) {
        for (const key of Object.keys(entry.rights)) {
            if (key === "profile") continue;
            const rights = Object.fromEntries(Object.entries(entry.rights).filter(([each]) => each !== key));
            yield { ...state, access: state.access.with(index, { ...entry, rights: rights as typeof entry.rights }) };
        }
    }
}
