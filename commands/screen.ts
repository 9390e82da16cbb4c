/** What a person sees: one line a step, in colours where the terminal wants them. */
import colors from "picocolors";

export const screen = {
    heading(text: string): void {
        console.log(`\n${colors.bold(text)}`);
    },
    step(text: string): void {
        console.log(`${colors.cyan("▸")} ${text}`);
    },
    passed(text: string, note = ""): void {
        console.log(`${colors.green("✔")} ${text}${note === "" ? "" : colors.dim(`  ${note}`)}`);
    },
    failed(text: string, note = ""): void {
        console.log(`${colors.red("✘")} ${text}${note === "" ? "" : `  ${note}`}`);
    },
    note(text: string): void {
        for (const line of text.split("\n")) console.log(`  ${colors.dim(line)}`);
    },
    plain(text: string): void {
        for (const line of text.split("\n")) console.log(`  ${line}`);
    },
};

export function seconds(since: number): string {
    return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
