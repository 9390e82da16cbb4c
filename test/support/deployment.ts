/** A program that tests deploy into an emulation of their own with the real engine, and change between deployments. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import type { Output } from "@pulumi/pulumi";
import { type Access, EntraPostgres, type EntraPostgresArgs } from "../../index";
import { Emulation, type EmulationOptions } from "../../local/emulation";
import { LocalStack, type Outcome } from "../../local/engine/local-stack";
import { signIn } from "../../local/sign-in";

/** One step of the engine: what it did to which resource. */
export interface Step {
    operation: string;
    type: string;
    name: string;
}

export type Program = () => Record<string, unknown> | Promise<Record<string, unknown>> | undefined;

export class Deployment {
    /** The steps of the last operation that changed or would change something. */
    steps: Step[] = [];
    /** Every resource that the last operation wanted to be there, with its inputs. */
    wanted: { type: string; inputs: Record<string, unknown> }[] = [];
    /** Error messages of the last operation. */
    errors: string[] = [];
    /** Warnings of the last operation. */
    warnings: string[] = [];
    /** Told of each step when the engine begins it. */
    onStep: ((step: Step) => void) | undefined;
    #program: Program = () => undefined;

    private constructor(
        readonly emulation: Emulation,
        private stack: LocalStack | undefined,
    ) {}

    static async start(
        options: EmulationOptions & { config?: Record<string, unknown>; stackName?: string } = {},
    ): Promise<Deployment> {
        const deployment = new Deployment(await Emulation.start({ settleTime: 50, ...options }), undefined);
        deployment.stack = await LocalStack.create({
            emulation: deployment.emulation,
            ...(options.stackName !== undefined && { stackName: options.stackName }),
            program: () => Promise.resolve(deployment.#program() as Record<string, unknown>),
            config: { "entra-postgres:patience": "5", ...options.config },
            onEvent: (event) => {
                deployment.#note(event);
            },
        });
        return deployment;
    }

    async preview(program: Program, policyPacks: string[] = []): Promise<Outcome> {
        return this.#run(program, (stack) => stack.preview(policyPacks));
    }

    /**
     * @param options.interruption ends the deployment as Ctrl-C does
     * @param options.refresh looks first at what is really there
     */
    async up(program: Program, options: { interruption?: AbortSignal; refresh?: boolean } = {}): Promise<Outcome> {
        return this.#run(program, (stack) => stack.up(options));
    }

    /**
     * Starts a deployment and presses Ctrl-C, so to speak, when the engine begins to make one more resource than this.
     *
     * @returns whether it was interrupted; otherwise it ended well before
     */
    async interruptedUp(program: Program, resources: number): Promise<boolean> {
        const interruption = new AbortController();
        this.onStep = () => {
            if (this.steps.length > resources) interruption.abort();
        };
        try {
            await this.up(program, { interruption: interruption.signal });
            return false;
        } catch (error) {
            if (!interruption.signal.aborted) throw error;
            return true;
        } finally {
            this.onStep = undefined;
        }
    }

    async refresh(): Promise<Outcome> {
        return this.#run(this.#program, (stack) => stack.refresh());
    }

    async destroy(): Promise<void> {
        await this.#run(this.#program, (stack) => stack.destroy());
    }

    /** The stack's state as the backend stores it. */
    async stored(): Promise<string> {
        const folder = join(this.#stack.stack.workspace.workDir, "state", ".pulumi");
        const files = await readdir(folder, { recursive: true, withFileTypes: true });
        const texts = files
            .filter((file) => file.isFile())
            .map((file) => readFile(join(file.parentPath, file.name), "utf8"));
        return (await Promise.all(texts)).join("\n");
    }

    get #stack(): LocalStack {
        if (!this.stack) throw new Error("the deployment wasn't started");
        return this.stack;
    }

    /** The automation API's stack, for what isn't wrapped here. */
    get automation(): LocalStack["stack"] {
        return this.#stack.stack;
    }

    /** The one server, as the emulated Resource Manager has it. */
    get server() {
        const { resourceManager } = this.emulation;
        const [resource] = resourceManager.list("dbforpostgresql:Server");
        const state = resource && resourceManager.serverById(resource.id);
        if (!state) throw new Error("there is no server");
        return state;
    }

    /** Steps on resources of a type, by its last part. */
    stepsOn(type: string): Step[] {
        return this.steps.filter((step) => step.type.endsWith(`:${type}`));
    }

    /** Signs in as an object of the directory and runs a query. */
    async query(
        who: { objectId: string },
        user: string,
        database: string,
        sql: string,
        server = 0,
    ): Promise<unknown[]> {
        const host = String(
            this.emulation.resourceManager.list("dbforpostgresql:Server")[server]?.computed["fullyQualifiedDomainName"],
        );
        const client = await signIn(this.emulation, host, who, user, database);
        try {
            return (await client.query<Record<string, unknown>>(sql)).rows;
        } finally {
            await client.end().catch(() => undefined);
        }
    }

    async stop(): Promise<void> {
        await this.emulation.stop();
    }

    async #run<T>(program: Program, work: (stack: LocalStack) => Promise<T>): Promise<T> {
        this.#program = program;
        this.steps = [];
        this.wanted = [];
        this.errors = [];
        this.warnings = [];
        // The test runner would take a program's failing output for a fault of the test.
        const others = process.listeners("unhandledRejection");
        process.removeAllListeners("unhandledRejection");
        try {
            return await work(this.#stack);
        } finally {
            for (const listener of others) process.on("unhandledRejection", listener);
        }
    }

    #note({ resourcePreEvent, diagnosticEvent }: EngineEvent): void {
        const wanted = resourcePreEvent?.metadata.new;
        if (wanted) this.wanted.push({ type: wanted.type, inputs: wanted.inputs as Record<string, unknown> });
        if (resourcePreEvent && !["same", "refresh"].includes(resourcePreEvent.metadata.op)) {
            const { op, urn, type } = resourcePreEvent.metadata;
            const step = { operation: op, type, name: urn.split("::").at(-1) ?? "" };
            this.steps.push(step);
            this.onStep?.(step);
        }
        const text = (diagnosticEvent?.message ?? "").replace(/<\{%[a-z0-9]*%\}>/g, "");
        if (diagnosticEvent?.severity === "error") this.errors.push(text);
        if (diagnosticEvent?.severity === "warning") this.warnings.push(text);
    }
}

/** A resource group and what is put into it. */
export function inGroup(make: (groupName: Output<string>) => Record<string, unknown>): Program {
    return () => {
        const group = new ResourceGroup("orders", { resourceGroupName: "orders", location: "westeurope" });
        return make(group.name);
    };
}

/** A virtual network with a subnet for private endpoints. */
export function spokeNetwork(resourceGroupName: Output<string>): { spoke: VirtualNetwork; endpoints: Subnet } {
    const spoke = new VirtualNetwork(
        "spoke",
        { resourceGroupName, virtualNetworkName: "spoke", addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
        { ignoreChanges: ["subnets"] },
    );
    const endpoints = new Subnet("endpoints", {
        resourceGroupName,
        virtualNetworkName: spoke.name,
        subnetName: "endpoints",
        addressPrefix: "10.0.9.0/24",
    });
    return { spoke, endpoints };
}

/** What a group may do. */
export function may(name: string, profile: "Reader" | "Writer" | "Owner", database = "orders"): Access {
    return { principal: { type: "Group", name }, database, profile };
}

/** The least that `EntraPostgres` takes, reachable from this machine. */
export const smallest: Omit<EntraPostgresArgs, "resourceGroupName"> = {
    server: { version: "17", sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" }, protect: false },
    authentication: { mode: "EntraOnly" },
    administrators: [{ type: "Group", name: "Prod DB Admins" }],
    network: { mode: "PublicAccess", firewallRules: [{ name: "this-machine", cidr: "127.0.0.1/32" }] },
    databases: [{ name: "orders" }],
};

/** A program with `EntraPostgres` and these arguments over the smallest ones. */
export function entraPostgres(args: Partial<EntraPostgresArgs> = {}): Program {
    return inGroup((resourceGroupName) => {
        const { host, connect } = new EntraPostgres("orders", {
            resourceGroupName,
            ...smallest,
            ...args,
        });
        return { host, connect };
    });
}
