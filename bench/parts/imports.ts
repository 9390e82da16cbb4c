/** Importing the package, against importing only what it uses of Pulumi's own packages. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../local/package-root";
import { type Part, figureOf, paired } from "../figure";
import { type ProcessCost, costOfScript, timeOfNode } from "../processes";

export const imports: Part = async ({ rounds }) => {
    const modules = await modulesOfPulumi();
    const ours = `require("./dist/index.js")`;
    const theirs = modules.map((name) => `require(${JSON.stringify(name)})`).join(";");
    const costs: { ours: ProcessCost; theirs: ProcessCost }[] = [];
    for (let round = 0; round < rounds; round++) {
        costs.push({ ours: await costOfScript(ours), theirs: await costOfScript(theirs) });
    }
    const part = "imports";
    const against = "importing the package / only the Pulumi modules it uses";
    return [
        figureOf(
            { part, what: `${against}: time`, unit: "×", target: { most: 1.1 } },
            costs.map(({ ours: one, theirs: other }) => one.milliseconds / other.milliseconds),
        ),
        figureOf(
            { part, what: `${against}: memory`, unit: "×", target: { most: 1.1 } },
            costs.map(({ ours: one, theirs: other }) => one.memory / other.memory),
        ),
    ];
};

/** Start-up of each command: `--help` against Node alone. */
export const startUp: Part = async ({ rounds }) => {
    const main = join(packageRoot, "dist", "commands", "main.js");
    const commands = [[], ["local"], ["import"], ["sync"], ["sql"], ["summary"], ["plan"], ["network", "check"]];
    const figures = [];
    for (const command of commands) {
        const pairs = await paired(
            rounds,
            () => timeOfNode(main, ...command, "--help"),
            () => timeOfNode("--eval", "0"),
        );
        figures.push(
            figureOf(
                {
                    part: "start-up",
                    what: `entra-postgres ${[...command, "--help"].join(" ")} above bare Node`,
                    unit: "ms",
                    target: { most: 150 },
                },
                pairs.map(({ one, other }) => one - other),
            ),
        );
    }
    return figures;
};

/** The modules of `@pulumi` that the built library asks for by name. */
async function modulesOfPulumi(): Promise<string[]> {
    const folder = join(packageRoot, "dist", "components");
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".js"));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    const found = texts.flatMap((text) =>
        [...text.matchAll(/require\("(@pulumi\/[^"]+)"\)/g)].map(([, name = ""]) => name),
    );
    return [...new Set(found)].sort();
}
