/** The site as a reader meets it: it is built, every page is in its navigation, and every link leads somewhere. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../local/package-root";
import { navigation, readPage, readPages, sections } from "../../tools/site/pages";
import { findChromium, openSite, origin, startChromium } from "./browser";

const execute = promisify(execFile);
const built = join(packageRoot, "docs", ".vitepress", "dist");

describe("the navigation", () => {
    const page = (path: string, front: string) => readPage(path, `---\n${front}\n---\n\n# ${path}\n`);

    it("has every page exactly once", () => {
        const pages = readPages(join(packageRoot, "docs"));
        const items = navigation(pages).flatMap(({ items: own = [] }) => own);
        const links = items.flatMap((item) => item.items ?? [item]).map(({ link }) => link);
        expect(links.sort()).toEqual(pages.map(({ path }) => `/${path}`).sort());
    });

    it("takes a page's place from the page", () => {
        const pages = [
            page("a", "section: Reference\ngroup: Type Aliases"),
            page("b", "section: Reference"),
            readPage("c", "# C"),
        ];
        expect(navigation(pages)).toEqual([
            { text: "How to", items: [{ text: "C", link: "/c" }] },
            {
                text: "Reference",
                items: [
                    { text: "b", link: "/b" },
                    {
                        text: "Type Aliases",
                        link: "/reference/library#type-aliases",
                        collapsed: true,
                        items: [{ text: "a", link: "/a" }],
                    },
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

    const chromium = findChromium();
    if (chromium === undefined) {
        console.warn("The site isn't looked at in a browser: there is no Chromium here (apt-get install chromium).");
    }

    describe.skipIf(chromium === undefined)("in Chromium", () => {
        let browser: Browser;
        beforeAll(async () => {
            browser = await startChromium(chromium ?? "");
        });
        afterAll(async () => {
            await browser.close();
        });

        /** One page of each kind: home, text with pictures, tables, code in every language, generated pages. */
        const pages = [
            ...["/", "/get-started", "/concepts/sign-in", "/migration/terraform", "/other-languages", "/policies"],
            ...["/reference/commands", "/reference/classes/EntraPostgres", "/reference/interfaces/EntraPostgresArgs"],
        ];

        it.each(["light", "dark"] as const)(
            "has no serious finding about accessibility in the %s theme",
            async (scheme) => {
                const context = await openSite(browser, built, scheme);
                const page = await context.newPage();
                const found: string[] = [];
                for (const path of pages) {
                    await page.goto(origin + path, { waitUntil: "networkidle" });
                    const { violations } = await new AxeBuilder({ page }).analyze();
                    for (const { impact, id, help, nodes } of violations) {
                        if (impact !== "serious" && impact !== "critical") continue;
                        found.push(`${path}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
                    }
                }
                await context.close();
                expect(found).toEqual([]);
            },
            180_000,
        );

        it("finds an argument by its name", async () => {
            const context = await openSite(browser, built, "light");
            const page = await context.newPage();
            await page.goto(origin, { waitUntil: "networkidle" });
            await page.getByRole("button", { name: "Search" }).click();
            await page.locator(".VPLocalSearchBox input").fill("reassignOwnedTo");
            const result = page.locator(".VPLocalSearchBox .result", { hasText: "EntraPrincipalArgs" }).first();
            await result.click();
            await page.waitForURL("**/reference/interfaces/EntraPrincipalArgs*");
            await context.close();
        }, 60_000);
    });
});
