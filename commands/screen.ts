/** What a person sees: one line a step, in colours where the terminal wants them. */
import { visibleLines } from "../components/visible";
import { colours, errorColours } from "./colours";

export const screen = {
    heading(text: string): void {
        console.log(`\n${colours.bold(visibleLines(text))}`);
    },
    step(text: string): void {
        console.log(`${colours.cyan("▸")} ${visibleLines(text)}`);
    },
    passed(text: string, note = ""): void {
        console.log(
            `${colours.green("✔")} ${visibleLines(text)}${note === "" ? "" : colours.dim(`  ${visibleLines(note)}`)}`,
        );
    },
    failed(text: string, note = ""): void {
        console.log(`${colours.red("✘")} ${visibleLines(text)}${note === "" ? "" : `  ${visibleLines(note)}`}`);
    },
    note(text: string): void {
        for (const line of visibleLines(text).split("\n")) console.log(`  ${colours.dim(line)}`);
    },
    /** A hint beside the output, which may be read by a program. */
    warning(text: string): void {
        for (const line of visibleLines(text).split("\n")) console.error(errorColours.yellow(line));
    },
    plain(text: string): void {
        for (const line of visibleLines(text).split("\n")) console.log(`  ${line}`);
    },
    /** @param sign - as it is, so in colour */
    change(sign: string, text: string): void {
        console.log(`  ${sign} ${visibleLines(text)}`);
    },
};

export function seconds(since: number): string {
    return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
