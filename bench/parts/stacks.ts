/** Previews by the real engine: the prod stack against bare resources, and a thousand principals against trivial ones. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CustomResource, type Inputs } from "@pulumi/pulumi";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RandomPassword } from "@pulumi/random";
import { parse } from "yaml";
import { EntraPostgres, EntraPrincipal } from "../../index";
import { administrators } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { LocalStack } from "../../local/engine/local-stack";
import { packageRoot } from "../../local/package-root";
import program from "../../stacks/program";
import { Deployment, inGroup, smallest } from "../../test/support/deployment";
import type { Errand } from "../children/preview";
import { modulesOfPulumi } from "./imports";
import { type Figure, type Part, figureOf, paired, timed } from "../figure";

/** A resource of any type. */
class Bare extends CustomResource {}

/** What the engine shows for a value that isn't known yet. */
const unknown = /04da6b54-80e4-46f7-96ec-b56ff0331ba9|output<string>/g;

export const stacks: Part = async ({ rounds }) => {
    const { config } = parse(await readFile(join(packageRoot, "stacks", "Pulumi.prod.yaml"), "utf8")) as {
        config: Record<string, unknown>;
    };
    const emulation = await Emulation.start();
    try {
        const recorded: { type: string; name: string; inputs: Inputs }[] = [];
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
                        name: wanted.urn.split("::").at(-1) ?? "",
                        inputs: JSON.parse(text) as Inputs,
                    });
                },
            });
        const recording = await create("recording", program, true);
        await recording.preview();
        const prod = await create("prod", program);
        const bare = await create("bare", () => {
            for (const { type, name, inputs } of recorded) new Bare(type, name, inputs);
            return {};
        });
        const pairs = await paired(
            rounds,
            () => timed(() => prod.preview()),
            () => timed(() => bare.preview()),
        );
        const modules = await modulesOfPulumi();
        const memoryOf = async (stackName: string, bareResources?: typeof recorded): Promise<number> => {
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
        return [
            figureOf(
                {
                    part: "stacks",
                    what: `preview of prod / ${String(recorded.length)} bare resources: memory`,
                    unit: "×",
                    target: { most: 1.5 },
                },
                memories.map(({ one, other }) => one / other),
            ),
            figureOf(
                {
                    part: "stacks",
                    what: `preview of prod / ${String(recorded.length)} bare resources: time`,
                    unit: "×",
                    target: { most: 1.5 },
                },
                pairs.map(({ one, other }) => one / other),
            ),
        ];
    } finally {
        await emulation.stop();
    }
};

/** With nothing to do: a thousand principals against a thousand resources of the simplest kind. */
export const quiet: Part = async ({ rounds, sizes }) => {
    const size = Math.min(1000, Math.max(...sizes));
    const ours = await Deployment.start();
    const theirs = await Deployment.start();
    const figures: Figure[] = [];
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
                        objectId: `0b1ec700-0000-4000-8000-000000000102`,
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
        const part = "quiet";
        const compare = async (
            what: string,
            one: () => Promise<unknown>,
            other: () => Promise<unknown>,
            most: number,
        ) => {
            const pairs = await paired(
                rounds,
                () => timed(one),
                () => timed(other),
            );
            figures.push(
                figureOf(
                    {
                        part,
                        what: `${what} of ${String(size)} principals / of as many trivial resources`,
                        unit: "×",
                        target: { most },
                    },
                    pairs.map((pair) => pair.one / pair.other),
                ),
            );
        };
        const up = { ours: await timed(() => ours.up(many)), theirs: await timed(() => theirs.up(trivial)) };
        figures.push(
            figureOf(
                { part, what: `first up of ${String(size)} principals / of as many trivial resources`, unit: "×" },
                [up.ours / up.theirs],
            ),
        );
        await compare(
            "no-change preview",
            () => ours.preview(many),
            () => theirs.preview(trivial),
            1.3,
        );
        await compare(
            "no-change up",
            () => ours.up(many),
            () => theirs.up(trivial),
            1.3,
        );
        const [refreshOne, refreshOther] = [() => ours.refresh(), () => theirs.refresh()];
        const pairs = await paired(
            rounds,
            () => timed(refreshOne),
            () => timed(refreshOther),
        );
        figures.push(
            figureOf(
                { part, what: `refresh of ${String(size)} principals / of as many trivial resources`, unit: "×" },
                pairs.map((pair) => pair.one / pair.other),
            ),
        );
        return figures;
    } finally {
        await ours.stop();
        await theirs.stop();
    }
};
