/** Markdown that other people's names can't get out of. */
import { visible } from "../../components/visible";

/** What stays of a name; PostgreSQL's end at 63 bytes, but whoever writes a program may choose longer ones. */
const longestName = 100;

/**
 * Somebody else's text as a code span: in there nothing is markup, a mention, a link or a reference to an issue. Characters
 * that can't be seen or that turn the reading direction are shown by number.
 */
export function code(value: unknown): string {
    const whole = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
    const shown = shorten(onOneLine(whole.slice(0, 4 * longestName)), longestName);
    if (shown.trim() === "") return "(no name)";
    const fence = "`".repeat(longestRun(shown) + 1);
    const padding = /^[` ]|[` ]$/.test(shown) ? " " : "";
    return `${fence}${padding}${shown}${padding}${fence}`;
}

/** Somebody else's lines as a block of code. */
export function codeBlock(text: string, longest: number): string {
    const lines = text.slice(0, longest).split(/\r?\n/);
    const shown = shorten(lines.map(onOneLine).flatMap(wrapped).join("\n"), longest);
    const fence = "`".repeat(Math.max(3, longestRun(shown) + 1));
    return [`${fence}text`, shown, fence].join("\n");
}

/** A comment box doesn't break lines of code. */
function wrapped(line: string): string[] {
    return line.match(/.{1,96}(?:\s+|$)|\S{96}|\S+/gu)?.map((part) => part.trimEnd()) ?? [""];
}

function longestRun(text: string): number {
    return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}

function shorten(text: string, longest: number): string {
    return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}

function onOneLine(text: string): string {
    return visible(text.replace(/[\r\n\t]+/g, " "));
}

/** `a`, `a and b`, `a, b and c`; a long list ends with how many more there are. */
export function enumerate(items: readonly string[], most = 12): string {
    const shown = items.length > most ? [...items.slice(0, most), `${thousands(items.length - most)} more`] : items;
    return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1) ?? ""}`;
}

/** `1 server`, `2 servers`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
    return `${thousands(number)} ${number === 1 ? singular : plural}`;
}

export function thousands(number: number): string {
    return number.toLocaleString("en-US");
}
