/** `npm run bench`: where we stand, as ratios from runs that take turns. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidArgumentError, Option, program } from "commander";
import { packageRoot } from "../local/package-root";
import type { Figure, Part } from "./figure";
import { imports, startUp } from "./parts/imports";
import { principals } from "./parts/principals";
import { network, summary } from "./parts/reading";
import { quiet, stacks } from "./parts/stacks";
import { picture, table, withFigures } from "./report";

const parts: Record<string, Part> = {
    imports,
    "start-up": startUp,
    stacks,
    principals,
    quiet,
    summary,
    network,
};

const whole = (text: string): number => {
    if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
    return Number(text);
};

program
    .name("npm run bench --")
    .addOption(new Option("--part <names...>", "which parts (default: all)").choices(Object.keys(parts)))
    .option("--rounds <number>", "how often each pair is measured", whole, 5)
    .option("--sizes <numbers>", "numbers of principals", (text) => text.split(",").map(whole), [10, 100, 1000, 5000])
    .option("--save", "write bench/results/, for the parts that were run")
    .action(async (options: { part?: string[]; rounds: number; sizes: number[]; save?: boolean }) => {
        const figures: Figure[] = [];
        const chosen = options.part ?? Object.keys(parts);
        for (const name of chosen) {
            process.stderr.write(`measuring ${name}…\n`);
            figures.push(...((await parts[name]?.(options)) ?? []));
        }
        console.log(table(figures));
        if (options.save === true) await save(figures, chosen);
    });

/** Keeps what other parts showed before. */
async function save(figures: readonly Figure[], measured: readonly string[]): Promise<void> {
    const folder = join(packageRoot, "bench", "results");
    await mkdir(folder, { recursive: true });
    const file = join(folder, "figures.json");
    const before = JSON.parse(await readFile(file, "utf8").catch(() => '{"figures":[]}')) as { figures: Figure[] };
    const kept = before.figures.filter(({ part }) => !measured.includes(part));
    const order = Object.keys(parts);
    const all = [...kept, ...figures].sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
    const about = { command: "npm run bench -- --save", node: process.version, figures: all };
    await writeFile(file, `${JSON.stringify(about, undefined, 4)}\n`);
    await writeFile(join(folder, "figures.svg"), picture(all));
    const document = join(packageRoot, "docs", "benchmarks.md");
    await writeFile(document, withFigures(await readFile(document, "utf8"), all));
}

program.parseAsync().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
