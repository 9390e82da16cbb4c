import { distance } from "fastest-levenshtein";

/** Which of the names were perhaps meant: at most three, none of them far off, nearest first. Case doesn't count. */
export function nearest(wanted: string, names: readonly string[]): string[] {
    return names
        .map((name) => ({ name, steps: distance(name.toLowerCase(), wanted.toLowerCase()) }))
        .filter(({ name, steps }) => steps <= Math.max(name.length, wanted.length) / 3)
        .sort((a, b) => a.steps - b.steps)
        .slice(0, 3)
        .map(({ name }) => name);
}
