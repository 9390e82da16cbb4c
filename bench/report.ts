/** Figures as a table of 80 columns and as a picture. */
import { type Figure, isMet } from "./figure";

const digits = (value: number): string => value.toFixed(value >= 100 ? 0 : 2);

function target({ target: wanted }: Figure): string {
    if (!wanted) return "";
    return "most" in wanted ? `≤ ${String(wanted.most)}` : `≥ ${String(wanted.least)}`;
}

function verdict(figure: Figure): string {
    return figure.target ? (isMet(figure) ? "✔" : "✘") : " ";
}

export function table(figures: readonly Figure[]): string {
    const rows = figures.map((figure) => {
        const { what, value, lowest, highest, unit, rounds } = figure;
        const spread = rounds > 1 ? `${digits(lowest)}–${digits(highest)}` : "";
        const facts = `${digits(value)} ${unit}`.padEnd(16) + spread.padEnd(18) + target(figure);
        return `${verdict(figure)} ${what}\n    ${facts}`.trimEnd();
    });
    return ["  What\n    Median          Lowest–highest    Target", ...rows].join("\n");
}

/** The same as a table in Markdown. */
export function markdown(figures: readonly Figure[]): string {
    const rows = figures.map((figure) => {
        const { what, value, lowest, highest, unit, rounds } = figure;
        const spread = rounds > 1 ? `${digits(lowest)} – ${digits(highest)}` : "";
        const aim = figure.target ? `${target(figure)} ${isMet(figure) ? "✔" : "✘"}` : "";
        return `| ${[what, `${digits(value)} ${unit}`, spread, aim].join(" | ")} |`;
    });
    return ["| what | median | spread | target |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** A bar for each figure that has a target: how much of it is used up. */
export function picture(figures: readonly Figure[]): string {
    const rows = figures.filter(({ target: wanted }) => wanted);
    const [row, left, width] = [26, 430, 260];
    const bars = rows.flatMap((figure, index) => {
        const wanted = figure.target ?? { most: 1 };
        const used = "most" in wanted ? figure.value / wanted.most : wanted.least / figure.value;
        const y = 40 + index * row;
        const length = Math.max(2, Math.min(1.3, used) * width);
        return [
            `<text x="${String(left - 8)}" y="${String(y + 13)}" text-anchor="end">${escaped(figure.what)}</text>`,
            `<rect x="${String(left)}" y="${String(y)}" width="${length.toFixed(0)}" height="18" rx="3" fill="${isMet(figure) ? "#2a8f5b" : "#c0392b"}"/>`,
            `<text x="${(left + Math.max(width, length) + 8).toFixed(0)}" y="${String(y + 13)}">${digits(figure.value)} ${figure.unit}</text>`,
        ];
    });
    const height = 60 + rows.length * row;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 ${String(height)}" font-family="sans-serif" font-size="12">`,
        `<rect width="880" height="${String(height)}" fill="#ffffff"/>`,
        `<text x="${String(left + width)}" y="24" text-anchor="middle" fill="#555555">target</text>`,
        `<line x1="${String(left + width)}" y1="30" x2="${String(left + width)}" y2="${String(height - 16)}" stroke="#555555" stroke-dasharray="3 3"/>`,
        ...bars,
        "</svg>",
        "",
    ].join("\n");
}

/** A document with the table of figures put between its marks. */
export function withFigures(document: string, figures: readonly Figure[]): string {
    return document.replace(/(<!-- figures -->)[\s\S]*(<!-- end of figures -->)/, `$1\n\n${markdown(figures)}\n\n$2`);
}
