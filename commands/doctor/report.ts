/** A diagnosis as people read it, 80 columns wide, and as programs do. */
import { visibleJson, visibleLines } from "../../components/visible";
import { colours } from "../colours";
import { wrapped } from "../wrapped";
import { type CauseText, causes } from "./causes";
import type { Diagnosis, LayerReport } from "./examine";
import type { Fault } from "./findings";

const width = 80;
const marks = { Passed: colours.green("✔"), Failed: colours.red("✘"), NotLookedAt: colours.dim("–") };

export function reportForPeople({ layers, fault, message, administratorMessage }: Diagnosis): string {
    return [
        ...layers.flatMap(lineOf),
        "",
        ...(fault ? describeFault(fault, message) : [colours.bold("No fault found.")]),
        ...(administratorMessage === undefined
            ? []
            : [
                  "",
                  "Nobody could look inside, since the administrator's sign-in failed:",
                  ...indented(administratorMessage),
              ]),
    ].join("\n");
}

/** What a fault means and what to do, after what the server said. */
export function describeFault({ cause, detail }: Fault, message = ""): string[] {
    const { title, explanation, fix, source }: CauseText = causes[cause];
    return [
        `${colours.bold(title)} (${cause})`,
        ...(message === "" ? [] : indented(`The server says: ${message}`)),
        ...(detail === "" ? [] : indented(detail)),
        ...indented(explanation),
        "",
        ...indented(`Fix: ${fix}`),
        ...indented(`Source: ${source}`).map(colours.dim),
    ];
}

const nameWidth = 16;

function lineOf({ layer, state, note }: LayerReport): string[] {
    const text = state === "NotLookedAt" ? ["not looked at", note].filter(Boolean).join(": ") : note;
    const [first = "", ...more] = wrapped(visibleLines(text).replace(/\n/g, " "), width - nameWidth - 2);
    const shown = state === "NotLookedAt" ? colours.dim(first) : first;
    return [
        `${marks[state]} ${layer.padEnd(nameWidth)}${shown}`,
        ...more.map((line) => `${" ".repeat(nameWidth + 2)}${line}`),
    ];
}

function indented(text: string): string[] {
    const lines = visibleLines(text).split("\n");
    return lines.flatMap((line) => wrapped(line, width - 2).map((part) => `  ${part}`));
}

/** The diagnosis with the text of its cause, as JSON. */
export function reportForPrograms(target: Record<string, unknown>, diagnosis: Diagnosis): string {
    const { fault } = diagnosis;
    return visibleJson({ ...target, ...diagnosis, fault: fault ? whole(fault) : null });
}

/** A fault with the text of its cause. */
export function whole(fault: Fault): Fault & CauseText {
    return { ...fault, ...causes[fault.cause] };
}
