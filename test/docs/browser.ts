/** The built site in the machine's own Chromium, without a server: what it asks for comes from the disk. */
import { existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

/** Where the pages seem to be. */
export const origin = "http://site.test";

/** The browser's path; undefined on a machine without one. */
export function findChromium(): string | undefined {
    const folders = (process.env["PATH"] ?? "").split(delimiter);
    return ["chromium", "chromium-browser", "google-chrome"]
        .flatMap((name) => folders.map((folder) => join(folder, name)))
        .find((path) => existsSync(path));
}

export async function startChromium(executablePath: string): Promise<Browser> {
    // Chromium's sandbox doesn't run as root.
    return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** A window on the site in a folder; anything that isn't there is answered with 404. */
export async function openSite(browser: Browser, folder: string, scheme: "light" | "dark"): Promise<BrowserContext> {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1280, height: 900 } });
    await context.route("**/*", async (route) => {
        const { pathname } = new URL(route.request().url());
        const path = [pathname, `${pathname}.html`, `${pathname}index.html`]
            .map((each) => join(folder, decodeURIComponent(each)))
            .find((each) => existsSync(each) && statSync(each).isFile());
        await (path === undefined ? route.fulfill({ status: 404 }) : route.fulfill({ path }));
    });
    return context;
}
