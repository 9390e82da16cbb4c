/** A terminal's output as a picture. */
import { stripVTControlCharacters } from "node:util";

const colours: Record<string, string> = { 31: "#ff7b72", 32: "#56d364", 33: "#e3b341", 36: "#39c5cf" };
const [text, dim, background] = ["#e6edf3", "#9198a1", "#0d1117"];
const [lineHeight, left, top] = [18, 16, 40];

/**
 * What of the main job's output is shown: all of it, but for the list of what is deleted at the end, and without what
 * differs from run to run.
 */
export function shown(output: string): string[] {
    const lines = output.trim().split("\n");
    const destroy = lines.findIndex((line) => stripVTControlCharacters(line) === "▸ Destroy");
    return lines
        .filter((line, index) => index <= destroy || !stripVTControlCharacters(line).startsWith("  - "))
        .map((line) => line.replace(/ {2}gateway on [\d.:]+/, "").replace(/ {2}[\d.]+ s in all/, ""));
}

/** Lines with colours in a window with a command above them. */
export function terminalPicture(command: string, lines: readonly string[], { title }: { title: string }): string {
    const all = [`\u001b[2m$\u001b[22m ${command}`, ...lines];
    const width = Math.max(...all.map((line) => stripVTControlCharacters(line).length)) * 7.85 + 2 * left;
    const height = top + all.length * lineHeight + 8;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${String(height)}" role="img" aria-labelledby="title" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">`,
        `<title id="title">${escaped(title)}</title>`,
        `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
        ...["#ff5f57", "#febc2e", "#28c840"].map(
            (fill, index) => `<circle cx="${String(20 + index * 18)}" cy="18" r="5.5" fill="${fill}"/>`,
        ),
        ...all.map(
            (line, index) =>
                `<text x="${String(left)}" y="${String(top + index * lineHeight + 10)}" xml:space="preserve" fill="${text}">${coloured(line)}</text>`,
        ),
        "</svg>",
        "",
    ].join("\n");
}

/** The lines that a picture shows, without colours. */
export function linesOf(picture: string): string[] {
    return [...picture.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line = ""]) =>
        line
            .replace(/<[^>]*>/g, "")
            .replaceAll("&lt;", "<")
            .replaceAll("&amp;", "&"),
    );
}

/** The codes that picocolors writes: colours, bold and dim, and the end of each. */
function coloured(line: string): string {
    let [fill, weight] = [text, ""];
    // eslint-disable-next-line no-control-regex -- The codes begin with a control character.
    return line.split(/\u001b\[(\d+)m/).reduce((done, part, index) => {
        if (index % 2 === 0)
            return part === "" ? done : `${done}<tspan fill="${fill}"${weight}>${escaped(part)}</tspan>`;
        if (part === "1") weight = ' font-weight="bold"';
        else if (part === "2") fill = dim;
        else if (part === "22") [fill, weight] = [text, ""];
        else fill = colours[part] ?? text;
        return done;
    }, "");
}

const escaped = (value: string): string => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
