/** `npm run torture`: deploys random states while things go wrong, and checks what must hold. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { InvalidArgumentError, program } from "commander";
import { findEngine } from "../local/engine/engine";
import { packageRoot } from "../local/package-root";
import { type Recording, load, recordingOf, save, withRecordings, withRound } from "./recording";
import { type Report, type Round, play, roundsOf, violates } from "./round";
import { shrink } from "./shrink";
import { World } from "./world";

/** How many rounds are played with one server before a new one is made. */
const worldLife = 50;

interface Options {
    seed: number;
    rounds: number;
    minutes: number;
    shrinkMinutes: number;
    fault: string;
    save?: string;
    case?: string;
}

const whole = (text: string): number => {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
    return Number(text);
};

const resultsFolder = join(packageRoot, "torture", "results");

program
    .name("npm run torture --")
    .option("--seed <number>", "what the rounds are made from", whole, 1)
    .option("--rounds <number>", "how many rounds", whole, 40)
    .option("--fault <words>", "only those of them whose fault has these words", "")
    .option("--minutes <number>", "begin no round after this time", whole, 600)
    .option("--shrink-minutes <number>", "how long a failure is made smaller", whole, 10)
    .option("--save <name>", "keep what is shown in torture/results/<name>.json, and go on from what is there")
    .option("--case <file>", "play the rounds of a file, as a failure leaves one, instead of random ones")
    .action(torture);

async function torture(options: Options): Promise<void> {
    const over = Date.now() + options.minutes * 60_000;
    const rounds =
        options.case === undefined
            ? roundsOf(options.seed, options.rounds).filter(({ fault }) => fault.includes(options.fault))
            : (JSON.parse(await readFile(options.case, "utf8")) as Round[]);
    const file = options.save === undefined ? undefined : join(resultsFolder, `${options.save}.json`);
    const kept = file === undefined ? undefined : await load(file);
    const used = await versions();
    if (kept) refuseOther(String(file), kept, options.seed, used);
    const command = `npm run torture -- --seed ${String(options.seed)} --rounds ${String(options.rounds)}`;
    let recording: Recording = kept ?? recordingOf(options.seed, rounds.length, command, used);

    let world: World | undefined;
    let played: Round[] = [];
    try {
        for (let index = recording.rounds; index < rounds.length && Date.now() < over; index++) {
            const round = rounds[index];
            if (!round) break;
            if (!world || index % worldLife === 0) {
                await world?.stop();
                world = await World.start();
                played = [];
            }
            const started = performance.now();
            const report = await play(world, round);
            const seconds = (performance.now() - started) / 1000;
            played.push(round);
            console.log(line(index, rounds.length, round, report, seconds));
            if (report.violations.length > 0) {
                await world.stop();
                world = undefined;
                await explain(played, report, options);
                process.exitCode = 1;
                return;
            }
            recording = withRound(recording, round, report, seconds);
            if (file !== undefined) await save(file, recording);
        }
        console.log(`${String(recording.rounds)} rounds, nothing violated.`);
        if (file !== undefined) await updateDocument();
    } finally {
        await world?.stop();
    }
}

/** A recording is of one seed and one build. */
function refuseOther(file: string, { seed, versions: before }: Recording, wanted: number, now: typeof before): void {
    if (seed === wanted && isDeepStrictEqual(before, now)) return;
    throw new Error(
        `${file} is of seed ${String(seed)} and ${JSON.stringify(before)}, this run of seed ${String(wanted)} and ` +
            `${JSON.stringify(now)}. Delete the file, or choose another name with --save.`,
    );
}

function line(index: number, count: number, { fault }: Round, report: Report, seconds: number): string {
    const number = String(index + 1).padStart(String(count).length);
    const outcome = report.violations.length > 0 ? "VIOLATED" : !report.struck ? "nothing to strike at" : "";
    return `${number}/${String(count)}  ${fault.padEnd(38)} ${seconds.toFixed(1).padStart(5)} s  ${outcome}`.trimEnd();
}

/** Prints what is violated, and the smallest case of it that is found in the time given. */
async function explain(played: readonly Round[], report: Report, options: Options): Promise<void> {
    for (const { invariant, what } of report.violations) console.error(`  ${invariant}: ${what}`);
    const kinds = new Set(report.violations.map(({ invariant }) => invariant));
    const over = Date.now() + options.shrinkMinutes * 60_000;
    console.error(`Looking for a smaller case, for ${String(options.shrinkMinutes)} minutes at most …`);
    const smallest = await shrink(
        played,
        (rounds) => violates(rounds, kinds),
        () => Date.now() > over,
    );
    const file = join(await mkdtemp(join(tmpdir(), "torture-")), "case.json");
    await writeFile(file, JSON.stringify(smallest, undefined, 4));
    console.error(JSON.stringify(smallest));
    console.error(
        `Seed ${String(options.seed)}. The smallest case found has ${String(smallest.length)} rounds; play it again:\n` +
            `  npm run torture -- --case ${file}`,
    );
}

async function versions(): Promise<Record<string, string>> {
    const { version } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as { version: string };
    const engine = (await findEngine()).version?.version ?? "unknown";
    return {
        "entra-postgres": version,
        build: await buildDigest(),
        node: process.version,
        pulumi: engine,
        postgresql: "17",
    };
}

/** Tells one build of the package from another. */
async function buildDigest(): Promise<string> {
    const folder = join(packageRoot, "dist");
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".js")).sort();
    const hash = createHash("sha256");
    for (const file of files) hash.update(file).update(await readFile(join(folder, file)));
    return hash.digest("hex").slice(0, 16);
}

async function updateDocument(): Promise<void> {
    const names = (await readdir(resultsFolder)).filter((name) => name.endsWith(".json")).sort();
    const recordings = await Promise.all(names.map((name) => load(join(resultsFolder, name))));
    const document = join(packageRoot, "docs", "torture.md");
    const text = await readFile(document, "utf8");
    await writeFile(
        document,
        withRecordings(
            text,
            recordings.filter((each) => each !== undefined),
        ),
    );
}

// What an engine that was killed leaves unanswered in this process is no fault of the round's.
process.on("unhandledRejection", () => undefined);
program.parseAsync().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
