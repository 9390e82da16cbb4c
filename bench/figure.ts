/** A figure of a benchmark, and how it is got: from pairs, one after the other, so that both meet the same machine. */
import { median } from "./statistics";

export interface Figure {
    part: string;
    /** What is compared with what. */
    what: string;
    /** The median of all rounds. */
    value: number;
    lowest: number;
    highest: number;
    rounds: number;
    /** `×` for a ratio, else a unit. */
    unit: "×" | "ms" | "MB" | "connections" | "exponent";
    /** What the value must not exceed, or must reach. */
    target?: { most: number } | { least: number };
}

export interface Options {
    rounds: number;
    /** Numbers of principals. */
    sizes: number[];
}

/** One part of the benchmark: `npm run bench -- --part <name>`. */
export type Part = (options: Options) => Promise<Figure[]>;

type Description = Pick<Figure, "part" | "what" | "unit"> & { target?: Figure["target"] };

export function figureOf({ target, ...description }: Description, values: readonly number[]): Figure {
    return {
        ...description,
        value: median(values),
        lowest: Math.min(...values),
        highest: Math.max(...values),
        rounds: values.length,
        ...(target && { target }),
    };
}

/** A figure of how many times the other the one takes. */
export function ratioOf(
    description: Omit<Description, "unit">,
    pairs: readonly { one: number; other: number }[],
): Figure {
    return figureOf(
        { ...description, unit: "×" },
        pairs.map(({ one, other }) => one / other),
    );
}

/** Whether the target is met; a figure without one always is. */
export function isMet({ value, target }: Figure): boolean {
    if (!target) return true;
    return "most" in target ? value <= target.most : value >= target.least;
}

/** Measures both by turns, each first in every other round, after a round that isn't counted. */
export async function paired(
    rounds: number,
    one: () => Promise<number>,
    other: () => Promise<number>,
): Promise<{ one: number; other: number }[]> {
    const pairs: { one: number; other: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
        const first = round % 2 === 0;
        const before = first ? await one() : await other();
        const after = first ? await other() : await one();
        if (round > 0) pairs.push(first ? { one: before, other: after } : { one: after, other: before });
    }
    return pairs;
}

/** How long work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
    const started = performance.now();
    await work();
    return performance.now() - started;
}
