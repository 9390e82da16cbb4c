import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { navigation, readPages } from "../../tools/site/pages";

const pages = readPages(fileURLToPath(new URL("..", import.meta.url)));
const first = (section: string) => `/${pages.find((page) => page.section === section)?.path ?? ""}`;

export default defineConfig({
    title: "entra-postgres",
    description: "Azure Database for PostgreSQL flexible server with Microsoft Entra sign-in, as Pulumi components",
    lang: "en",
    cleanUrls: true,
    // A link to a page or a heading that isn't there fails the build.
    ignoreDeadLinks: false,
    // Pages link to whole files of the repository.
    buildEnd({ outDir }) {
        cpSync(fileURLToPath(new URL("../../examples", import.meta.url)), join(outDir, "examples"), {
            recursive: true,
        });
    },
    markdown: { theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } },
    themeConfig: {
        search: { provider: "local" },
        outline: [2, 3],
        sidebar: navigation(pages),
        nav: ["Get started", "Concepts", "How to", "Migrate", "Reference"].map((text) => ({ text, link: first(text) })),
        footer: { message: "Apache-2.0" },
    },
});
