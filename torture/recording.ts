/** What a run showed, as it is kept: written after each round, so that a run that was broken off goes on from there. */
import { readFile, rename, writeFile } from "node:fs/promises";
import type { SignIns } from "./invariants";
import type { Report, Round } from "./round";

/** What happened in the rounds of one kind of fault. */
export interface Tally {
    rounds: number;
    /** In how many of them the fault found something to strike at. */
    struck: number;
    /** In how many the deployment that was disturbed didn't end well by itself. */
    failedFirst: number;
}

export interface Recording {
    command: string;
    seed: number;
    /** How many rounds were to be played. */
    planned: number;
    rounds: number;
    seconds: number;
    signIns: SignIns;
    faults: Record<string, Tally>;
    /** Rounds, counted from 0, after which something didn't hold, and what. */
    violations: { round: number; what: string[] }[];
    versions: Record<string, string>;
}

export function recordingOf(
    seed: number,
    planned: number,
    command: string,
    versions: Record<string, string>,
): Recording {
    const signIns = { admitted: 0, refused: 0 };
    return { command, seed, planned, rounds: 0, seconds: 0, signIns, faults: {}, violations: [], versions };
}

/** The recording with one more round. */
export function withRound(recording: Recording, round: Round, report: Report, seconds: number): Recording {
    const tally = recording.faults[round.fault] ?? { rounds: 0, struck: 0, failedFirst: 0 };
    const { violations, struck, firstSucceeded, signIns } = report;
    return {
        ...recording,
        rounds: recording.rounds + 1,
        seconds: Math.round(recording.seconds + seconds),
        signIns: {
            admitted: recording.signIns.admitted + signIns.admitted,
            refused: recording.signIns.refused + signIns.refused,
        },
        faults: {
            ...recording.faults,
            [round.fault]: {
                rounds: tally.rounds + 1,
                struck: tally.struck + Number(struck),
                failedFirst: tally.failedFirst + Number(!firstSucceeded),
            },
        },
        violations: [
            ...recording.violations,
            ...(violations.length > 0
                ? [{ round: recording.rounds, what: violations.map(({ invariant, what }) => `${invariant}: ${what}`) }]
                : []),
        ],
    };
}

export async function load(file: string): Promise<Recording | undefined> {
    try {
        return JSON.parse(await readFile(file, "utf8")) as Recording;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
}

/** Never leaves half a file. */
export async function save(file: string, recording: Recording): Promise<void> {
    await writeFile(`${file}.new`, `${JSON.stringify(recording, undefined, 4)}\n`);
    await rename(`${file}.new`, file);
}

/** Recordings together as a table, in Markdown. */
export function markdown(recordings: readonly Recording[]): string {
    const kinds = [...new Set(recordings.flatMap(({ faults }) => Object.keys(faults)))].sort();
    const sum = (of: (recording: Recording) => number | undefined): number =>
        recordings.reduce((total, recording) => total + (of(recording) ?? 0), 0);
    const row = (cells: (string | number)[]): string => `| ${cells.join(" | ")} |`;
    return [
        row(["what goes wrong", "rounds", "it struck", "the disturbed run failed"]),
        row(["---", "---", "---", "---"]),
        ...kinds.map((kind) =>
            row([
                kind,
                sum(({ faults }) => faults[kind]?.rounds),
                sum(({ faults }) => faults[kind]?.struck),
                sum(({ faults }) => faults[kind]?.failedFirst),
            ]),
        ),
        row([
            "**in all**",
            sum(({ rounds }) => rounds),
            ...(["struck", "failedFirst"] as const).map((field) =>
                sum(({ faults }) => Object.values(faults).reduce((total, tally) => total + tally[field], 0)),
            ),
        ]),
        "",
        `Sign-ins tried: ${String(sum(({ signIns }) => signIns.admitted))} that had to be admitted, ` +
            `${String(sum(({ signIns }) => signIns.refused))} that had to be refused. ` +
            `Violations: ${String(sum(({ violations }) => violations.length))}.`,
    ].join("\n");
}

/** A document with the table put between its marks. */
export function withRecordings(document: string, recordings: readonly Recording[]): string {
    return document.replace(
        /(<!-- recordings -->)[\s\S]*(<!-- end of recordings -->)/,
        (_, start: string, end: string) => `${start}\n\n${markdown(recordings)}\n\n${end}`,
    );
}
