/** A stack that the real engine deploys into the emulation. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import {
    type DestroyResult,
    type EngineEvent,
    LocalWorkspace,
    type OpMap,
    type OutputMap,
    type ProjectSettings,
    type PulumiFn,
    type Stack,
} from "@pulumi/pulumi/automation";
import type { Emulation } from "../emulation";
import { type Say, findEngine } from "./engine";
import { keepConnectionsApart } from "./engine-connections";

export interface LocalStackOptions {
    emulation: Pick<Emulation, "runDirectory" | "environment" | "providerSettings">;
    program: PulumiFn;
    /** @default "local" */
    stackName?: string;
    /** @default "orders" */
    projectName?: string;
    /** What the project's file says that a configuration may hold, with types and defaults. */
    configSchema?: ProjectSettings["config"];
    /** The stack's configuration; the way to the gateway is added. */
    config?: Record<string, unknown>;
    /** Told of everything that the engine does. */
    onEvent?: (event: EngineEvent) => void;
    say?: Say;
}

/** What a deployment did. */
export interface Outcome {
    changes: OpMap;
    outputs: OutputMap;
    /** What the engine printed. */
    text: string;
}

export class LocalStack {
    private constructor(
        readonly stack: Stack,
        private readonly onEvent: ((event: EngineEvent) => void) | undefined,
    ) {}

    static async create(options: LocalStackOptions): Promise<LocalStack> {
        const { emulation, program, stackName = "local", projectName = "orders" } = options;
        keepConnectionsApart();
        const pulumiCommand = await findEngine(options.say);
        const workDir = await mkdtemp(join(emulation.runDirectory, "stack-"));
        const state = join(workDir, "state");
        await mkdir(state);
        const stack = await LocalWorkspace.createOrSelectStack(
            { stackName, projectName, program },
            {
                pulumiCommand,
                workDir,
                pulumiHome: join(workDir, "home"),
                projectSettings: {
                    name: projectName,
                    runtime: "nodejs",
                    backend: { url: `file://${state}` },
                    ...(options.configSchema && { config: options.configSchema }),
                },
                stackSettings: {
                    [stackName]: { config: { ...options.config, ...emulation.providerSettings() } },
                },
                envVars: {
                    ...emulation.environment(),
                    PULUMI_BACKEND_URL: `file://${state}`,
                    PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
                    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                    PULUMI_SKIP_UPDATE_CHECK: "true",
                },
            },
        );
        return new LocalStack(stack, options.onEvent);
    }

    /** @param policyPacks folders of policy packs to preview with */
    async preview(policyPacks: string[] = []): Promise<Outcome> {
        const result = await this.#guarded((signal) =>
            this.stack.preview({ ...this.#options(), signal, ...(policyPacks.length > 0 && { policyPacks }) }),
        );
        return { changes: result.changeSummary, outputs: {}, text: result.stdout };
    }

    /**
     * @param options.interruption ends the deployment as Ctrl-C does
     * @param options.refresh looks first at what is really there
     */
    async up(options: { interruption?: AbortSignal; refresh?: boolean } = {}): Promise<Outcome> {
        const { interruption, refresh = false } = options;
        const result = await this.#guarded((signal) =>
            this.stack.up({
                ...this.#options(),
                refresh,
                signal: interruption ? AbortSignal.any([signal, interruption]) : signal,
            }),
        );
        return { changes: result.summary.resourceChanges ?? {}, outputs: result.outputs, text: result.stdout };
    }

    async refresh(): Promise<Outcome> {
        const result = await this.stack.refresh(this.#options());
        return { changes: result.summary.resourceChanges ?? {}, outputs: {}, text: result.stdout };
    }

    async destroy(): Promise<DestroyResult> {
        return this.stack.destroy(this.#options());
    }

    /**
     * An output that fails leaves the SDK waiting for the resources behind it, in a program that runs in this process: the
     * operation is ended with what went wrong instead.
     */
    async #guarded<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
        const ended = new AbortController();
        let failure: unknown;
        const note = (error: unknown): void => {
            // What an interrupted operation leaves behind says nothing about the program.
            if (String(error).includes("Resource monitor is terminating")) return;
            failure ??= error;
            // The engine prints the failure first.
            setTimeout(() => {
                ended.abort();
            }, 1000);
        };
        process.on("unhandledRejection", note);
        try {
            return await work(ended.signal);
        } catch (error) {
            if (failure !== undefined) throw failure instanceof Error ? failure : error;
            throw error;
        } finally {
            process.off("unhandledRejection", note);
        }
    }

    #options() {
        return { color: "never", ...(this.onEvent && { onEvent: this.onEvent }) } as const;
    }
}

/** How many resources an operation would touch or touched, other than leaving them as they are. */
export function changed(changes: OpMap): number {
    return Object.entries(changes)
        .filter(([operation]) => operation !== "same")
        .reduce((sum, [, count]) => sum + count, 0);
}
