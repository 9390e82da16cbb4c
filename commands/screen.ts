/** What a person sees: one line a step, in colours where the terminal wants them. */
import colors from "picocolors";
import { visibleLines } from "../components/visible";

export const screen = {
    heading(text: string): void {
        console.log(`\n${colors.bold(visibleLines(text))}`);
    },
    step(text: string): void {
        console.log(`${colors.cyan("▸")} ${visibleLines(text)}`);
    },
    passed(text: string, note = ""): void {
        console.log(
            `${colors.green("✔")} ${visibleLines(text)}${note === "" ? "" : colors.dim(`  ${visibleLines(note)}`)}`,
        );
    },
    failed(text: string, note = ""): void {
        console.log(`${colors.red("✘")} ${visibleLines(text)}${note === "" ? "" : `  ${visibleLines(note)}`}`);
    },
    note(text: string): void {
        for (const line of visibleLines(text).split("\n")) console.log(`  ${colors.dim(line)}`);
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
