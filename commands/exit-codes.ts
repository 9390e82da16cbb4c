/** What each command's exit codes mean: told in its help and in the documentation. */
import { gateExitCode } from "./summary/gates";
import { wrapped } from "./wrapped";

/** A code, or a word for several, and what it means. */
export type ExitCode = readonly [code: string, meaning: string];

/** How every command ends that is called with options that don't exist or don't fit. */
export const wrongOptions = 2;

const done: readonly ExitCode[] = [
    ["0", "done"],
    ["1", "an error"],
];

const special: Record<string, readonly ExitCode[]> = {
    local: [
        ["0", "everything passed"],
        ["1", "something failed"],
        ["130", "interrupted"],
    ],
    plan: [
        ["0", "written or as it was"],
        ["1", "a file isn't what its stack makes now, or an error"],
    ],
    import: done,
    sync: done,
    sql: done,
    summary: [...done, [String(gateExitCode), "what --fail-on names is the case"]],
    connect: [...done, ["others", "psql's own with --run"]],
    doctor: [
        ["0", "no fault"],
        ["1", "a fault"],
        [String(wrongOptions), "wrong options or a message that isn't known"],
    ],
    "network check": [
        ["0", "everything is reached"],
        ["1", "something isn't or can't be told, or an error"],
    ],
    "network dns": [
        ["0", "every host is found"],
        ["1", "some aren't, or an error"],
    ],
    completion: done,
};

/** The commands that have exit codes, by the names that lead to them, each with its codes. */
export const exitCodes: Readonly<Record<string, readonly ExitCode[]>> = Object.fromEntries(
    Object.entries(special).map(([command, codes]) => [
        command,
        codes.some(([code]) => code === String(wrongOptions))
            ? codes
            : [...codes, [String(wrongOptions), "wrong options"] as const],
    ]),
);

/** For a command's help. */
export function describeExitCodes(codes: readonly ExitCode[]): string {
    const text = `Exit code: ${codes.map(([code, meaning]) => `${code} ${meaning}`).join(", ")}.`;
    return `\n${wrapped(text, 80).join("\n")}`;
}
