import { createHash } from "node:crypto";
import type { Direction } from "./analysis/security-rules";

/** The priorities that a network security group takes. Source: "Azure network security groups overview". */
export const priorityLimits = { lowest: 100, highest: 4096 } as const;

/** Priorities set aside for this package's rules, both ends included. */
export interface PriorityRange {
    /** At least 100. */
    from: number;
    /** At most 4096. */
    to: number;
}

/** Priorities of rules that are there already; one direction's don't matter to the other. */
export type TakenPriorities = Partial<Record<Direction, readonly number[]>>;

/**
 * Gives each rule a free priority in the range. Where a rule lands depends on its own name, so that adding or removing one
 * leaves the others where they are, except when two names meet on the same number; Azure refuses a rule that moves to a
 * number which another hasn't left yet.
 *
 * @returns undefined when the range has too few free numbers
 */
export function assignPriorities(
    names: readonly string[],
    range: PriorityRange,
    taken: readonly number[] = [],
): Map<string, number> | undefined {
    const size = range.to - range.from + 1;
    const used = new Set(taken);
    const assigned = new Map<string, number>();
    for (const name of names) {
        const start = createHash("sha256").update(name).digest().readUInt32BE(0) % Math.max(size, 1);
        const step = Array.from({ length: size }, (_, offset) => range.from + ((start + offset) % size));
        const free = step.find((priority) => !used.has(priority));
        if (free === undefined) return undefined;
        used.add(free);
        assigned.set(name, free);
    }
    return assigned;
}

/** The last free priority of a range, for a rule that comes after all others. */
export function lastFreePriority(range: PriorityRange, taken: readonly number[]): number | undefined {
    for (let priority = range.to; priority >= range.from; priority -= 1) {
        if (!taken.includes(priority)) return priority;
    }
    return undefined;
}
