/** Compiles blocks of TypeScript as the readers of the documentation would. */
import { join } from "node:path";
import ts from "typescript";
import { packageRoot } from "../../local/package-root";
import packageJson from "../../package.json";
import type { CodeBlock } from "../support/code-blocks";

/** What the compiler says of each block. A block with a type's name after its language is a part of an object of it. */
export function compile(sources: readonly CodeBlock[]): string[] {
    const files = new Map(
        sources.map(({ note, text: source }, index) => [
            join(packageRoot, "docs", `block-${String(index)}.ts`),
            note === "" ? `${source}\nexport {};` : asPartOf(note, source),
        ]),
    );
    const { config } = ts.readConfigFile(join(packageRoot, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
        config: object;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, packageRoot);
    Object.assign(options, {
        incremental: false,
        tsBuildInfoFile: undefined,
        noEmit: true,
        paths: { [packageJson.name]: [join(packageRoot, "index.ts")] },
    });
    const host = ts.createCompilerHost(options);
    const disk = ts.createCompilerHost(options);
    host.fileExists = (file) => files.has(file) || disk.fileExists(file);
    host.readFile = (file) => files.get(file) ?? disk.readFile(file);
    host.getSourceFile = (file, ...rest) => {
        const source = files.get(file);
        return source === undefined
            ? disk.getSourceFile(file, ...rest)
            : ts.createSourceFile(file, source, ts.ScriptTarget.ES2022);
    };
    const compiled = ts.createProgram([...files.keys()], options, host);
    return [...files.keys()].flatMap((file, index) =>
        [
            ...compiled.getSyntacticDiagnostics(compiled.getSourceFile(file)),
            ...compiled.getSemanticDiagnostics(compiled.getSourceFile(file)),
        ].map(
            ({ messageText }) =>
                `${sources[index]?.place ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
        ),
    );
}

function asPartOf(type: string, source: string): string {
    return [
        `import type { ${type} } from "${packageJson.name}";`,
        `import type { Subnet, VirtualNetwork } from "@pulumi/azure-native/network";`,
        "declare const vnet: VirtualNetwork, subnet: Subnet;",
        `export const part: Partial<${type}> = {`,
        source,
        "};",
    ].join("\n");
}
