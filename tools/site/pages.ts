/** Which pages the site has, and where each stands in its navigation: as the page itself says in its front matter. */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parse } from "yaml";

/** The sections in the order in which a reader meets them. */
export const sections = ["Get started", "Concepts", "How to", "Migrate", "Reference", "Project"] as const;
export type Section = (typeof sections)[number];

export interface Page {
    /** The path below `docs/`, with slashes and without `.md`. */
    path: string;
    title: string;
    section: Section;
    /** Pages of a section stand in this order, then by title. */
    order: number;
    /** A group inside the section, folded in the navigation: a heading of the library's reference. */
    group?: string;
}

/** A page from its text. Without front matter it is a page that tells how something is done. */
export function readPage(path: string, text: string): Page {
    const [, front = "", body = ""] = /^(?:---\n([\s\S]*?)\n---\n)?([\s\S]*)$/.exec(text) ?? [];
    const said = (parse(front) ?? {}) as { title?: string; section?: string; order?: number; group?: string };
    const section = sections.find((each) => each === (said.section ?? "How to"));
    if (!section) {
        const given = JSON.stringify(said.section);
        throw new Error(
            `docs/${path}.md: section is ${given}. Allowed: ${sections.join(", ")}. Correct its front matter.`,
        );
    }
    const title = said.title ?? /^# (.+)$/m.exec(body)?.[1]?.replaceAll("`", "");
    if (title === undefined) throw new Error(`docs/${path}.md has no heading. Begin it with "# " and its title.`);
    return { path, title, section, order: said.order ?? 100, ...(said.group !== undefined && { group: said.group }) };
}

/** Every page below a folder but its home page; without those that are generated, if they may be in the making. */
export function readPages(folder: string, { generated = true } = {}): Page[] {
    return markdownFiles(folder, [".vitepress", ...(generated ? [] : ["reference"])])
        .filter((file) => relative(folder, file) !== "index.md")
        .map((file) => {
            const path = relative(folder, file).split(sep).join("/").replace(/\.md$/, "");
            return readPage(path, readFileSync(file, "utf8"));
        })
        .sort((a, b) => a.order - b.order || a.title.localeCompare(b.title, "en"));
}

function markdownFiles(folder: string, without: readonly string[]): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        if (without.includes(entry.name)) return [];
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return markdownFiles(path, without);
        return entry.name.endsWith(".md") ? [path] : [];
    });
}

export interface NavigationItem {
    text: string;
    link?: string;
    collapsed?: boolean;
    items?: NavigationItem[];
}

/** The navigation beside every page: sections, in them pages, some in folded groups. */
export function navigation(pages: readonly Page[]): NavigationItem[] {
    return sections.flatMap((section) => {
        const own = pages.filter((page) => page.section === section);
        if (own.length === 0) return [];
        const groups = [...new Set(own.flatMap(({ group }) => group ?? []))];
        return {
            text: section,
            items: [
                ...own.filter(({ group }) => group === undefined).map(link),
                ...groups.map((group) => ({
                    text: group,
                    // A group without a link would be a button with a button in it.
                    link: `/reference/library#${group.toLowerCase().replaceAll(" ", "-")}`,
                    collapsed: true,
                    items: own.filter((page) => page.group === group).map(link),
                })),
            ],
        };
    });
}

function link({ title, path }: Page): NavigationItem {
    return { text: title, link: `/${path}` };
}
