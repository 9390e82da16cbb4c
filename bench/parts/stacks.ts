/** Previews by the real engine: the prod stack against bare resources, and a thousand principals against trivial ones. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Inputs } from "@pulumi/pulumi";
import { join } from "node:path";
import { RandomPassword } from "@pulumi/random";
import { EntraPostgres, EntraPrincipal } from "../../index";
import { administrators, bob } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { LocalStack } from "../../local/engine/local-stack";
import { nameOf } from "../../commands/urn";
import { packageRoot } from "../../local/package-root";
import { configurationOf } from "../../local/stack-files";
import { UNKNOWN } from "../../provider/protocol/implementation";
import program from "../../stacks/program";
import { Deployment, inGroup, smallest } from "../../test/support/deployment";
import { type BareResource, bareProgram, bareResourcesOf } from "../bare";
import type { Errand } from "../children/preview";
import { modulesOfPulumi } from "./imports";
import { type Figure, type Part, paired, ratioOf, timed } from "../figure";

/** What the engine shows for a value that isn't known yet. */
const unknown = new RegExp(`${UNKNOWN}|output<string>`, "g");

export const stacks: Part = async ({ rounds }) => {
    const config = await configurationOf("prod");
    const emulation = await Emulation.start();
    try {
        const recorded: BareResource[] = [];
        const create = (stackName: string, work: () => object, record = false) =>
            LocalStack.create({
                emulation,
                stackName,
                config,
                program: () => Promise.resolve(work() as Record<string, unknown>),
                onEvent: ({ resourcePreEvent }) => {
                    const wanted = record ? resourcePreEvent?.metadata.new : undefined;
                    if (wanted?.custom !== true || wanted.type.startsWith("pulumi:")) return;
                    const text = JSON.stringify(wanted.inputs).replaceAll(unknown, "known-later");
                    recorded.push({
                        type: wanted.type,
                        name: nameOf(wanted.urn),
                        inputs: JSON.parse(text) as Inputs,
                    });
                },
            });
        const recording = await create("recording", program, true);
        await recording.preview();
        const prod = await create("prod", program);
        const bare = await create("bare", bareProgram(recorded));
        const pairs = await paired(
            rounds,
            () => timed(() => prod.preview()),
            () => timed(() => bare.preview()),
        );
        const modules = await modulesOfPulumi();
        const memoryOf = async (stackName: string, bareResources?: BareResource[]): Promise<number> => {
            const errand: Errand = {
                stackName,
                config,
                modules,
                runDirectory: emulation.runDirectory,
                environment: emulation.environment(),
                settings: emulation.providerSettings(),
                ...(bareResources && { bare: bareResources }),
            };
            const viteNode = join(packageRoot, "node_modules", ".bin", "vite-node");
            const child = join(packageRoot, "bench", "children", "preview.ts");
            const { stdout } = await promisify(execFile)(viteNode, [child], {
                env: { ...process.env, ERRAND: JSON.stringify(errand) },
            });
            return Number(/memory=(\d+)/.exec(stdout)?.[1]);
        };
        const memories = await paired(
            Math.min(rounds, 3),
            () => memoryOf("prod-memory"),
            () => memoryOf("bare-memory", recorded),
        );
        const { resources } = await firstUp(config, program);
        const ups = await paired(
            Math.min(rounds, 3),
            async () => (await firstUp(config, program)).milliseconds,
            async () => (await firstUp(config, bareProgram(resources))).milliseconds,
        );
        const figure = (operation: string, count: number, cost: string, measured: typeof pairs) => {
            const what = `${operation} of prod / ${String(count)} bare resources: ${cost}`;
            return ratioOf({ part: "stacks", what, target: { most: 1.5 } }, measured);
        };
        return [
            figure("preview", recorded.length, "memory", memories),
            figure("preview", recorded.length, "time", pairs),
            figure("up", resources.length, "time", ups),
        ];
    } finally {
        await emulation.stop();
    }
};

/** Deploys prod or what it is made of into an emulation of its own, where nothing is yet. */
async function firstUp(config: Record<string, unknown>, work: () => object) {
    // Bare resources don't wait until the server is ready, as the components do: here it is so at once.
    const emulation = await Emulation.start({ settleTime: 0 });
    try {
        const made = await LocalStack.create({
            emulation,
            stackName: "prod",
            config,
            program: () => Promise.resolve(work() as Record<string, unknown>),
        });
        const milliseconds = await timed(() => made.up());
        return { milliseconds, resources: await bareResourcesOf(made.stack) };
    } finally {
        await emulation.stop();
    }
}

/** With nothing to do: principals against as many resources of the simplest kind. */
export const quiet: Part = async ({ rounds, sizes }) => {
    const figures: Figure[] = [];
    // The engine writes its whole state after each step: of thousands the first deployment alone takes too long.
    for (const size of sizes.filter((each) => each <= 1000)) figures.push(...(await quietAt(size, rounds)));
    return figures;
};

async function quietAt(size: number, rounds: number): Promise<Figure[]> {
    const ours = await Deployment.start();
    const theirs = await Deployment.start();
    try {
        const many = inGroup((resourceGroupName) => {
            const orders = new EntraPostgres("orders", { ...smallest, resourceGroupName });
            for (let index = 0; index < size; index++) {
                new EntraPrincipal(
                    `principal-${String(index)}`,
                    {
                        serverName: orders.server.serverName,
                        name: `principal ${String(index)}`,
                        type: "User",
                        objectId: bob.objectId,
                        signInAs: administrators.displayName,
                    },
                    { dependsOn: [orders] },
                );
            }
            return {};
        });
        const trivial = () => {
            for (let index = 0; index < size; index++) new RandomPassword(`password-${String(index)}`, { length: 16 });
            return {};
        };
        const figures: Figure[] = [];
        const note = (what: string, pairs: { one: number; other: number }[], target?: Figure["target"]): void => {
            const against = `of ${String(size)} principals / of as many trivial resources`;
            process.stderr.write(`  ${what} ${against}\n`);
            const isLarge = target && size >= 1000;
            figures.push(ratioOf({ part: "quiet", what: `${what} ${against}`, ...(isLarge && { target }) }, pairs));
        };
        const byTurns = (one: () => Promise<unknown>, other: () => Promise<unknown>) =>
            paired(
                rounds,
                () => timed(one),
                () => timed(other),
            );
        const first = { one: await timed(() => ours.up(many)), other: await timed(() => theirs.up(trivial)) };
        note("first up", [first]);
        const previews = await byTurns(
            () => ours.preview(many),
            () => theirs.preview(trivial),
        );
        note("no-change preview", previews, { most: 1.3 });
        const ups = await byTurns(
            () => ours.up(many),
            () => theirs.up(trivial),
        );
        note("no-change up", ups, { most: 1.3 });
        const refreshes = await byTurns(
            () => ours.refresh(),
            () => theirs.refresh(),
        );
        note("refresh", refreshes);
        return figures;
    } finally {
        await ours.stop();
        await theirs.stop();
    }
}
