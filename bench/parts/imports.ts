/** Importing the package, against importing only what it uses of Pulumi's own packages. */
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
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
    const { own, everything } = await sizes();
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
        figureOf({ part, what: "size of the package itself, installed", unit: "MB", target: { most: 2 } }, [own]),
        figureOf({ part, what: "size of the package with all that it needs", unit: "MB" }, [everything]),
    ];
};

/** Start-up of each command: `--help` against Node alone. */
export const startUp: Part = async ({ rounds }) => {
    const main = join(packageRoot, "dist", "commands", "main.js");
    const commands = [
        [],
        ["local"],
        ["import"],
        ["sync"],
        ["sql"],
        ["summary"],
        ["plan"],
        ["network", "check"],
        ["connect"],
        ["doctor"],
    ];
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
export async function modulesOfPulumi(): Promise<string[]> {
    const folder = join(packageRoot, "dist", "components");
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".js"));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    const found = texts.flatMap((text) =>
        [...text.matchAll(/require\("(@pulumi\/[^"]+)"\)/g)].map(([, name = ""]) => name),
    );
    return [...new Set(found)].sort();
}

/** What an installation takes on disk, in megabytes. */
async function sizes(): Promise<{ own: number; everything: number }> {
    const execute = promisify(execFile);
    const { stdout } = await execute("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: packageRoot });
    const [packed] = JSON.parse(stdout) as { unpackedSize: number }[];
    const own = (packed?.unpackedSize ?? 0) / 1e6;
    const lock = JSON.parse(await readFile(join(packageRoot, "package-lock.json"), "utf8")) as {
        packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
    };
    const needed = Object.entries(lock.packages)
        .filter(([path, { dev, optional, devOptional }]) => path !== "" && !dev && !optional && !devOptional)
        .map(([path]) => path);
    const { stdout: listed } = await execute("du", ["-sk", ...needed, "node_modules/@pulumi/pulumi"], {
        cwd: packageRoot,
    });
    const kilobytes = listed
        .trim()
        .split("\n")
        .map((line) => Number(line.split("\t")[0]));
    return { own, everything: own + kilobytes.reduce((sum, each) => sum + each, 0) / 1024 };
}
