/** One emulation with one stack in it, kept over many rounds: what is really there, beside what is wanted. */
import { kindOfToken } from "../local/azure/kinds";
import { administrators, dana } from "../local/directory/contoso";
import { Deployment, type Program, entraPostgres } from "../test/support/deployment";
import { type Database, type DesiredState, argumentsOf, beginning, handMadeRole } from "./desired-state";
import type { Thing } from "./oracle";

/** A stack's state, with what the engine was doing when it ended. */
interface Checkpoint {
    resources: unknown[];
    pending_operations?: { type: string; resource: { type: string; inputs: Record<string, unknown> } }[];
}

export class World {
    readonly furniture = new Map<Database, Thing[]>();
    /** Ends the deployment that runs. */
    interruption = new AbortController();
    #made = 0;

    private constructor(
        readonly deployment: Deployment,
        /** The state that was deployed last. */
        public state: DesiredState,
    ) {}

    static async start(): Promise<World> {
        const deployment = await Deployment.start({ config: { "entra-postgres:patience": "20" } });
        withoutSummaries(deployment);
        const world = new World(deployment, beginning);
        try {
            await world.up(beginning);
            await world.administer("postgres", `CREATE ROLE ${handMadeRole}`);
            await world.furnish();
            return world;
        } catch (error) {
            await world.stop();
            throw error;
        }
    }

    get instance() {
        return this.deployment.server.instance;
    }

    /** Databases in which things were made by hand. */
    get furnished(): Database[] {
        return [...this.furniture.keys()];
    }

    /** Runs SQL as an administrator does by hand. */
    async administer(database: string, sql: string): Promise<void> {
        await this.deployment.query(dana, administrators.displayName, database, sql);
    }

    /** Makes tables, sequences and functions in databases that have none, and forgets those of databases that are gone. */
    async furnish(): Promise<void> {
        for (const database of this.furnished) {
            if (!this.state.databases.includes(database)) this.furniture.delete(database);
        }
        for (const database of this.state.databases) {
            if (this.furniture.has(database)) continue;
            await this.administer(database, "CREATE SCHEMA sales");
            const things: Thing[] = [];
            for (const schema of ["public", "sales"]) {
                await this.administer(
                    database,
                    `CREATE TABLE ${schema}.items (id serial);
                     CREATE FUNCTION ${schema}.area(side int) RETURNS int LANGUAGE sql AS 'SELECT side * side'`,
                );
                things.push(
                    { kind: "table", schema, name: "items" },
                    { kind: "sequence", schema, name: "items_id_seq" },
                    { kind: "function", schema, name: "area" },
                );
            }
            this.furniture.set(database, things);
        }
    }

    /** Makes one more table in a database, as migrations of an application do between deployments. */
    async migrate(choice: number): Promise<void> {
        const [database, things] = [...this.furniture][choice % this.furniture.size] ?? [];
        if (database === undefined || things === undefined || things.length > 12) return;
        this.#made += 1;
        const thing: Thing = {
            kind: "table",
            schema: choice % 2 === 0 ? "public" : "sales",
            name: `later_${String(this.#made)}`,
        };
        await this.administer(database, `CREATE TABLE ${thing.schema}.${thing.name} (id int)`);
        things.push(thing);
    }

    /** Deploys a state, or tries to. */
    async up(state: DesiredState, options: { refresh?: boolean } = {}): Promise<void> {
        this.state = state;
        this.interruption = new AbortController();
        await this.deployment.up(programOf(state), { ...options, interruption: this.interruption.signal });
    }

    /**
     * What a person does after the engine died: unlocks the stack, and puts into its state what Azure made whose answer the
     * engine didn't live to see.
     */
    async unlock(): Promise<void> {
        const {
            automation,
            emulation: { resourceManager },
            server,
        } = this.deployment;
        await automation.cancel();
        // Azure ends what it began.
        while (server.state !== "Ready") await new Promise((resolve) => setTimeout(resolve, 50));
        const exported = await automation.exportStack();
        const state = exported.deployment as Checkpoint;
        const made = (state.pending_operations ?? []).flatMap(({ type, resource }) => {
            if (type !== "creating" || !resource.type.startsWith("azure-native:")) return [];
            const id = kindOfToken(resource.type).id(resource.inputs, resourceManager.subscriptionId);
            return resourceManager.get(id) ? [{ ...resource, id, outputs: resource.inputs }] : [];
        });
        if (made.length === 0) return;
        const deployment = { ...state, resources: [...state.resources, ...made], pending_operations: [] };
        await automation.importStack({ ...exported, deployment });
    }

    stop(): Promise<void> {
        return this.deployment.stop();
    }
}

function programOf(state: DesiredState): Program {
    return entraPostgres(argumentsOf(state));
}

/** After each deployment the SDK asks the engine for outputs and history, which costs as much as the deployment. */
function withoutSummaries({ automation }: Deployment): void {
    automation.outputs = () => Promise.resolve({});
    const now = new Date();
    automation.info = () =>
        Promise.resolve({
            version: 1,
            kind: "update",
            startTime: now,
            message: "",
            environment: {},
            config: {},
            result: "succeeded",
            endTime: now,
        });
}
