/** A preview as one comment in GitHub's Markdown that no comment box refuses. */
import { access } from "./access/access";
import { authentication } from "./authentication";
import { cost } from "./cost";
import { destruction } from "./destruction";
import { type Finding, shortType } from "./findings";
import { code, codeBlock, count, enumerate, thousands } from "./markdown";
import { networkExposure } from "./network/exposure";
import type { Operation, Preview, Step } from "./preview";

/** GitHub refuses longer comments. Counted in bytes here, which are at least as many as its characters. */
export const longestComment = 65_536;

export interface Summary {
    markdown: string;
    /** Its first line, by which a later run finds the comment. */
    marker: string;
    /** A server, database or disk is replaced or deleted. */
    destroysData: boolean;
    /** Somebody gains rights, or the network opens. */
    widensAccess: boolean;
}

interface Section {
    heading: string;
    findings: Finding[];
}

/** How many lines of each section and of the folded part are shown: the folded part gives way first. */
const ladder: readonly [section: number, folded: number][] = [
    ...[200, 100, 20].map((folded): [number, number] => [1000, folded]),
    ...[500, 300, 200, 100, 40].map((section): [number, number] => [section, 20]),
    ...[20, 8, 2, 0].map((section): [number, number] => [section, 0]),
];

/** The hidden line by which a later run finds its own comment. */
export function markerOf(stack: string): string {
    // Encoded, nothing can end the comment early.
    return `<!-- entra-postgres summary: ${encodeURIComponent(stack.toWellFormed())} -->`;
}

/** @param name - tells this stack's comment from others'; the project and stack of the preview if left out */
export function summarize(preview: Preview, name = `${preview.project}/${preview.stack}`): Summary {
    const marker = markerOf(name);
    const sections: Section[] = [
        { heading: "Replaced and deleted", findings: destruction(preview) },
        { heading: "Access", findings: access(preview) },
        { heading: "Network", findings: networkExposure(preview) },
        { heading: "Sign-in", findings: authentication(preview) },
        { heading: "Size and cost", findings: cost(preview) },
    ];
    const findings = sections.flatMap((section) => section.findings);
    const [destroysData, widensAccess] = [
        findings.some((finding) => finding.destroysData),
        findings.some((finding) => finding.widensAccess),
    ];
    for (const [most, folded] of ladder) {
        const markdown = [
            marker,
            heading(preview),
            verdict(preview, findings),
            ...failure(preview),
            ...sections.flatMap((section) => render(section, most)),
            ...everyStep(preview, folded),
            "",
        ].join("\n");
        if (Buffer.byteLength(markdown) < longestComment) return { markdown, marker, destroysData, widensAccess };
    }
    throw new Error("The summary doesn't fit into a comment, however short: report this.");
}

function heading({ project, stack }: Preview): string {
    return project === "" ? "## Preview\n" : `## Preview of ${code(`${project}/${stack}`)}\n`;
}

/** The gist in one line, and the engine's counts. */
function verdict({ counts, errors, steps }: Preview, findings: readonly Finding[]): string {
    const changes = Object.entries(counts).filter(([operation]) => operation !== "same");
    const unchanged = counts["same"] ?? 0;
    const isQuiet = changes.length === 0 && steps.every(({ operation }) => operation === "Keep");
    const gist = [
        ...(errors.length > 0 ? ["❌ **The preview failed**"] : []),
        ...(findings.some(({ destroysData }) => destroysData) ? ["🔴 **Destroys data**"] : []),
        ...(findings.some(({ widensAccess }) => widensAccess) ? ["🟠 **Widens access**"] : []),
        ...(findings.some(({ breaksSignIn }) => breaksSignIn) ? ["⚠️ **Breaks sign-in**"] : []),
    ];
    if (gist.length === 0) gist.push(isQuiet ? "🟢 Nothing changes" : "🟢 Destroys no data and widens no access");
    const told = [
        ...changes.map(([operation, number]) => `${thousands(number)} to ${verbs[operation] ?? code(operation)}`),
        ...(unchanged > 0 ? [`${thousands(unchanged)} unchanged`] : []),
    ];
    return `${[...gist, ...(told.length > 0 ? [enumerate(told)] : [])].join(" · ")}\n`;
}

const verbs: Record<string, string | undefined> = {
    create: "create",
    update: "update",
    replace: "replace",
    delete: "delete",
    import: "import",
    read: "read",
    discard: "forget",
};

function failure({ errors }: Preview): string[] {
    if (errors.length === 0) return [];
    const shown = errors.slice(0, 5);
    return [
        "### Why it failed",
        "",
        "So the rest of this comment is incomplete.",
        "",
        ...shown.flatMap((error) => [codeBlock(error, 1500), ""]),
        ...(errors.length > shown.length ? [`And ${count(errors.length - shown.length, "more error")}.`, ""] : []),
    ];
}

function render({ heading, findings }: Section, most: number): string[] {
    if (findings.length === 0) return [];
    const shown = findings.slice(0, most);
    const hidden = findings.length - shown.length;
    return [
        `### ${heading}`,
        "",
        ...shown.flatMap(({ text, details = [], ...finding }) => [
            `- ${sign(finding)}${sentence(text)}`,
            ...details.map((detail) => `  - ${detail}`),
        ]),
        ...(hidden > 0 ? [`- … and ${count(hidden, "more", "more")} that didn't fit here.`] : []),
        "",
    ];
}

function sign({ destroysData, widensAccess, breaksSignIn }: Omit<Finding, "text">): string {
    if (destroysData) return "🔴 ";
    return widensAccess ? "🟠 " : breaksSignIn ? "⚠️ " : "";
}

/** Names stay as they are: they are in code. */
function sentence(text: string): string {
    return text.replace(/^(\**)(\p{Ll})/u, (_, stars: string, letter: string) => stars + letter.toUpperCase());
}

const order: Operation[] = ["Replace", "Delete", "Update", "Create"];

/** Grants come last of each kind of change: there are many, and they are told under access. */
function rank({ operation, type }: Step): number {
    return 2 * order.indexOf(operation) + (type.startsWith("postgresql:") ? 1 : 0);
}

/** Every change, folded: what comes under no heading above is in here too. */
function everyStep({ steps }: Preview, most: number): string[] {
    const changing = steps
        .filter(({ operation, isComponent }) => operation !== "Keep" && !isComponent)
        .sort((a, b) => rank(a) - rank(b));
    if (changing.length === 0) return [];
    const shown = changing.slice(0, most);
    const hidden = changing.slice(shown.length);
    const title = `Every change (${count(changing.length, "resource")}${hidden.length > 0 ? `, ${count(shown.length, "shown", "shown")}` : ""})`;
    return [
        `<details>\n<summary>${title}</summary>\n`,
        ...shown.map(stepLine),
        ...(hidden.length > 0 ? ["", `Left out for length: ${tally(hidden)}.`] : []),
        "",
        "</details>",
    ];
}

function stepLine({ operation, type, name, changed }: Step): string {
    const what = changed.length > 0 && operation !== "Create" ? `: ${enumerate(changed.map(code), 8)}` : "";
    return `- ${operation.toLowerCase()} ${code(shortType(type))} ${code(name)}${what}`;
}

/** How many of which kind, the most frequent first. */
function tally(steps: readonly Step[]): string {
    const numbers = new Map<string, number>();
    for (const { operation, type } of steps) {
        const kind = `${operation.toLowerCase()} ${code(shortType(type))}`;
        numbers.set(kind, (numbers.get(kind) ?? 0) + 1);
    }
    const sorted = [...numbers].sort(([, a], [, b]) => b - a);
    return enumerate(
        sorted.map(([kind, number]) => `${count(number, "×", "×")} ${kind}`),
        15,
    );
}
