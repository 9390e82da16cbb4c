/** Writes the reference of the library from its docstrings. */
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** How the pages are grouped in the navigation: by the headings of the first page. */
const groups: Record<string, string> = {
    classes: "Classes",
    functions: "Functions",
    interfaces: "Interfaces",
    "type-aliases": "Type Aliases",
};

/** Makes a page of every exported name of a repository's `index.ts`; what isn't documented completely is an error. */
export async function writeLibraryReference(root: string, folder: string): Promise<void> {
    const { Application } = await import("typedoc");
    const application = await Application.bootstrapWithPlugins({
        entryPoints: [join(root, "index.ts")],
        tsconfig: join(root, "tsconfig.json"),
        plugin: ["typedoc-plugin-markdown"],
        readme: "none",
        outputs: [{ name: "markdown", path: folder }],
        // Lists of which a type is made; the type says them.
        intentionallyNotExported: ["clouds", "postgresqlVersions", "principalTypes", "notKnown"],
        logLevel: "Warn",
        excludeExternals: true,
        excludePrivate: true,
        disableSources: true,
        // The compiler checks the sources elsewhere.
        skipErrorChecking: true,
        validation: { notExported: true, invalidLink: true, notDocumented: true },
        requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function"],
        treatWarningsAsErrors: true,
        treatValidationWarningsAsErrors: true,
        ...markdown,
    });
    const project = await application.convert();
    if (project) {
        application.validate(project);
        await application.generateOutputs(project);
    }
    if (!project || application.logger.hasErrors() || application.logger.hasWarnings()) {
        throw new Error("The reference can't be made: export and document what is named above.");
    }
    const index = join(folder, "library.md");
    await writeFile(index, asPage(await readFile(index, "utf8"), { title: "Library", order: 0 }));
    for (const [group, title] of Object.entries(groups)) {
        for (const name of await readdir(join(folder, group))) {
            const file = join(folder, group, name);
            await writeFile(file, asPage(await readFile(file, "utf8"), { group: title }));
        }
    }
}

/** Options of the plugin for Markdown, which typedoc's own types don't know. */
const markdown = {
    router: "member",
    entryFileName: "library",
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    pageTitleTemplates: { member: "{name}" },
    interfacePropertiesFormat: "table",
    classPropertiesFormat: "table",
    propertyMembersFormat: "table",
    typeDeclarationFormat: "table",
    parametersFormat: "table",
};

/** A generated page with its place in the navigation, and with defaults in plain words where they are words. */
export function asPage(text: string, place: { title?: string; group?: string; order?: number }): string {
    const front = stringify({ section: "Reference", ...place });
    return `---\n${front}---\n\n${text.replaceAll(/`- ([^`|]+)`/g, "$1").replaceAll("**Default** - ", "**Default** ")}`;
}
