/** Stands in for the postgresql provider: real SQL through the gateway, with a token instead of a password. */
import pg from "pg";
import {
    type CheckFailure,
    type DiffKind,
    type Properties,
    type ProviderImplementation,
    type ResourceCall,
} from "../../../provider/protocol/implementation";
import { detailedChanges } from "../differences";
import {
    type DefaultPrivilegesInputs,
    type GrantInputs,
    type MembershipInputs,
    defaultPrivilegesStatements,
    endMembershipStatement,
    grantStatements,
    membershipStatement,
    revokeDefaultPrivilegesStatement,
    revokeStatement,
} from "../../../provider/grants/statements";
import { readDefaultPrivileges, readGrant, readMembership } from "../../../provider/grants/privileges";

/** Where a server's host name leads in the emulation. */
export interface Route {
    address: string;
    port: number;
    rootCertificate: string;
}

export interface PostgresqlOptions {
    routeOf(host: string): Route;
    /** Signs in as the deployment; called once for each configured provider, as the real one does. */
    token(): Promise<string>;
}

interface Configuration {
    host: string;
    port: number | undefined;
    username: string;
    password: string | undefined;
    azureIdentityAuth: boolean;
}

/** What one resource type does. */
interface Handler<Inputs> {
    database(inputs: Inputs): string;
    id(inputs: Inputs): string;
    replaceOn: string[];
    create(client: pg.Client, inputs: Inputs): Promise<void>;
    /** The inputs as they really are; undefined when the thing is gone. */
    read(client: pg.Client, inputs: Inputs): Promise<Inputs | undefined>;
    delete(client: pg.Client, inputs: Inputs): Promise<void>;
}

export function postgresql(options: PostgresqlOptions): ProviderImplementation {
    // In attached mode every provider instance of a program talks to this one server, and calls don't say which they are
    // from: the right one is found by the database and the role that it has.
    const configurations = new Map<string, Configuration & { token?: Promise<string> | undefined }>();

    return {
        name: "postgresql",
        version: "3.18.1",
        configure(config) {
            const host = typeof config["host"] === "string" ? config["host"] : "";
            if (host !== "") {
                const username = typeof config["username"] === "string" ? config["username"] : "postgres";
                configurations.set(`${username}@${host}`, {
                    host,
                    port: config["port"] === undefined ? undefined : Number(config["port"]),
                    username,
                    password: typeof config["password"] === "string" ? config["password"] : undefined,
                    azureIdentityAuth: [true, "true"].includes(config["azureIdentityAuth"] as boolean | string),
                });
            }
            return Promise.resolve();
        },
        check({ type, inputs }) {
            handlerOf(type);
            const failures: CheckFailure[] = [];
            return Promise.resolve({ inputs, failures });
        },
        diff({ type, oldInputs, inputs }) {
            const { replaceOn } = handlerOf(type);
            const changes = detailedChanges(sorted(oldInputs), sorted(inputs));
            for (const [path, change] of Object.entries(changes)) {
                if (replaceOn.includes(path.split(/[.[]/)[0] ?? path)) changes[path] = `${change}-replace` as DiffKind;
            }
            return Promise.resolve({ changes });
        },
        async create({ inputs, preview, ...call }) {
            const handler = handlerOf(call.type);
            if (preview) return { id: "", outputs: inputs };
            await within(call, handler, inputs, (client) => handler.create(client, inputs));
            return { id: handler.id(inputs), outputs: inputs };
        },
        async read({ id, inputs, outputs, ...call }) {
            const handler = handlerOf(call.type);
            const known = Object.keys(inputs).length > 0 ? inputs : outputs;
            try {
                const actual = await within(call, handler, known, (client) => handler.read(client, known));
                return actual && { id, inputs: actual, outputs: actual };
            } catch (error) {
                // What was in a database went with it.
                if (/database ".*" does not exist/.test(String(error))) return undefined;
                throw error;
            }
        },
        async update({ inputs, preview, ...call }) {
            const handler = handlerOf(call.type);
            if (!preview) await within(call, handler, inputs, (client) => handler.create(client, inputs));
            return { outputs: inputs };
        },
        async delete({ outputs, ...call }) {
            const handler = handlerOf(call.type);
            await within(call, handler, outputs, (client) => handler.delete(client, outputs));
        },
    };

    /** Runs work in one transaction, under a lock for the role as the real provider takes it. */
    async function within<T>(
        call: ResourceCall,
        handler: Handler<Properties>,
        inputs: Properties,
        work: (client: pg.Client) => Promise<T>,
    ): Promise<T> {
        const client = await connect(handler.database(inputs), call);
        // The driver reports a lost connection here, and answers what is asked next with no more than "not queryable".
        let lost: Error | undefined;
        client.on("error", (error) => (lost ??= error));
        try {
            await client.query("BEGIN");
            await client.query("SELECT pg_advisory_xact_lock(hashtext($1))", [JSON.stringify(inputs["role"])]);
            const result = await work(client);
            await client.query("COMMIT");
            return result;
        } catch (error) {
            throw lost ?? error;
        } finally {
            await client.end();
        }
    }

    async function connect(database: string, call: ResourceCall): Promise<pg.Client> {
        const failures: string[] = [];
        for (const configuration of configurations.values()) {
            const { address, port, rootCertificate } = options.routeOf(configuration.host);
            configuration.token ??= configuration.azureIdentityAuth ? options.token() : undefined;
            const client = new pg.Client({
                host: address,
                port,
                user: configuration.username,
                password: (await configuration.token) ?? configuration.password,
                database,
                ssl: { ca: rootCertificate, servername: configuration.host },
            });
            client.on("error", () => undefined);
            try {
                await client.connect();
                return client;
            } catch (error) {
                failures.push(`${configuration.host}: ${error instanceof Error ? error.message : String(error)}`);
            }
        }
        throw new Error(
            `${call.name}: error connecting to PostgreSQL server: ${failures.length > 0 ? failures.join("; ") : "no provider is configured with a host"}`,
        );
    }
}

function handlerOf(type: string): Handler<Properties> {
    const handler = handlers[type];
    if (!handler) {
        throw new Error(`The local emulation doesn't know ${type}. Known: ${Object.keys(handlers).join(", ")}.`);
    }
    return handler;
}

/** Whether a role is still there; what a dropped role had went with it. */
async function exists(client: pg.Client, role: string): Promise<boolean> {
    if (role.toLowerCase() === "public") return true;
    const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
    return (rowCount ?? 0) > 0;
}

const grant: Handler<GrantInputs> = {
    database: ({ database }) => database,
    id: ({ role, database, schema, objectType, objects }) =>
        [role, database, schema, objectType, ...(objects ?? [])].filter((part) => part !== undefined).join("_"),
    replaceOn: ["role", "database", "schema", "objectType", "objects", "columns", "withGrantOption"],
    async create(client, inputs) {
        for (const statement of grantStatements(inputs)) await client.query(statement);
    },
    async read(client, inputs) {
        const { rows } = await client.query<{ object: string; privileges: string[] }>(readGrant(inputs));
        const wanted = [...inputs.privileges].sort();
        const different = rows.find(({ privileges }) => privileges.join() !== wanted.join());
        if (!different) return rows.length === 0 && inputs.objectType === "database" ? undefined : inputs;
        return { ...inputs, privileges: different.privileges };
    },
    async delete(client, inputs) {
        if (await exists(client, inputs.role)) await client.query(revokeStatement(inputs));
    },
};

const defaultPrivileges: Handler<DefaultPrivilegesInputs> = {
    database: ({ database }) => database,
    id: ({ role, database, schema, owner, objectType }) =>
        [role, database, schema ?? "noschema", owner, objectType].join("_"),
    replaceOn: ["role", "database", "owner", "schema", "objectType", "withGrantOption"],
    async create(client, inputs) {
        for (const statement of defaultPrivilegesStatements(inputs)) await client.query(statement);
    },
    async read(client, inputs) {
        const { rows } = await client.query<{ privileges: string[] }>(readDefaultPrivileges(inputs));
        const actual = rows[0]?.privileges ?? [];
        return actual.join() === [...inputs.privileges].sort().join() ? inputs : { ...inputs, privileges: actual };
    },
    async delete(client, inputs) {
        if (await exists(client, inputs.role)) await client.query(revokeDefaultPrivilegesStatement(inputs));
    },
};

const grantRole: Handler<MembershipInputs> = {
    database: () => "postgres",
    id: ({ role, grantRole: granted, withAdminOption }) => [role, granted, String(withAdminOption ?? false)].join("_"),
    replaceOn: ["role", "grantRole", "withAdminOption"],
    async create(client, inputs) {
        await client.query(membershipStatement(inputs));
    },
    async read(client, inputs) {
        const { rowCount } = await client.query(readMembership(inputs));
        return (rowCount ?? 0) > 0 ? inputs : undefined;
    },
    async delete(client, inputs) {
        await client.query(endMembershipStatement(inputs));
    },
};

const handlers: Record<string, Handler<Properties> | undefined> = {
    "postgresql:index/grant:Grant": grant as unknown as Handler<Properties>,
    "postgresql:index/defaultPrivileges:DefaultPrivileges": defaultPrivileges as unknown as Handler<Properties>,
    "postgresql:index/grantRole:GrantRole": grantRole as unknown as Handler<Properties>,
};

/** Privileges and objects are sets: their order is no difference. */
function sorted(inputs: Properties): Properties {
    return Object.fromEntries(
        Object.entries(inputs).map(([key, value]) => [
            key,
            Array.isArray(value) ? [...(value as string[])].sort() : value,
        ]),
    );
}
