/** The site as a reader meets it: it is built, every page is in its navigation, and every link leads somewhere. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../local/package-root";
import { navigation, readPage, readPages, sections } from "../../tools/site/pages";

const execute = promisify(execFile);
const built = join(packageRoot, "docs", ".vitepress", "dist");

describe("the navigation", () => {
    const page = (path: string, front: string) => readPage(path, `---\n${front}\n---\n\n# ${path}\n`);

    it("has every page exactly once", () => {
        const pages = readPages(join(packageRoot, "docs"));
        const items = navigation(pages).flatMap(({ items: own = [] }) => own);
        const links = items.flatMap(({ link, items: own = [] }) => [link, ...own.map((each) => each.link)]);
        expect(links.filter((link) => link !== undefined).sort()).toEqual(pages.map(({ path }) => `/${path}`).sort());
    });

    it("takes a page's place from the page", () => {
        const pages = [
            page("a", "section: Reference\ngroup: Types"),
            page("b", "section: Reference"),
            readPage("c", "# C"),
        ];
        expect(navigation(pages)).toEqual([
            { text: "How to", items: [{ text: "C", link: "/c" }] },
            {
                text: "Reference",
                items: [
                    { text: "b", link: "/b" },
                    { text: "Types", collapsed: true, items: [{ text: "a", link: "/a" }] },
                ],
            },
        ]);
    });

    it("refuses a section that isn't there, and a page without a title", () => {
        expect(() => page("a", "section: Misc")).toThrow(
            `docs/a.md: section is "Misc". Allowed: ${sections.join(", ")}`,
        );
        expect(() => readPage("b", "Text")).toThrow("docs/b.md has no heading");
    });
});

describe("the site", () => {
    beforeAll(async () => {
        await execute("npm", ["run", "docs"], { cwd: packageRoot });
    }, 300_000);

    it("has no link to a page, a heading or a picture that isn't there", async () => {
        const { LinkChecker, LinkState } = await import("linkinator");
        const { links } = await new LinkChecker().check({
            path: ".",
            serverRoot: built,
            recurse: true,
            cleanUrls: true,
            checkFragments: true,
            // Other hosts aren't asked: what they answer says nothing about this site.
            linksToSkip: ["^https?://(?!localhost)"],
        });
        const broken = links
            .filter(({ state }) => state === LinkState.BROKEN)
            .map(({ url, parent }) => `${url} on ${parent ?? ""}`);
        expect(links.length).toBeGreaterThan(100);
        expect(broken).toEqual([]);
    }, 120_000);
});
