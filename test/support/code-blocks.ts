/** The blocks of code in README and in the hand-written pages of the site. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { packageRoot } from "../../local/package-root";
import { readPages } from "../../tools/site/pages";

export interface CodeBlock {
    /** Where it stands, as a person would look for it. */
    place: string;
    language: string;
    /** What else the line with the language says. */
    note: string;
    text: string;
}

/** All of them, in order. */
export function codeBlocks(): CodeBlock[] {
    const markdown = new MarkdownIt();
    const pages = readPages(join(packageRoot, "docs"), { generated: false });
    return ["README.md", ...pages.map(({ path }) => `docs/${path}.md`)].flatMap((file) =>
        markdown
            .parse(withoutFrontMatter(readFileSync(join(packageRoot, file), "utf8")), {})
            .filter(({ type }) => type === "fence")
            .map(({ info, content, map }) => {
                const [language = "", ...note] = info.trim().split(/\s+/);
                return {
                    place: `${file}:${String((map?.[0] ?? 0) + 1)}`,
                    language,
                    note: note.join(" "),
                    text: content,
                };
            }),
    );
}

/** Blank lines in its place, so that lines keep their numbers. */
function withoutFrontMatter(text: string): string {
    return text.replace(/^---\n[\s\S]*?\n---\n/, (front) => front.replace(/[^\n]/g, ""));
}
