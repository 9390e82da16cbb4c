/** The database behind one emulated flexible server: a real PostgreSQL with a stand-in for the service's own parts. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { type Directory, type ObjectType, nameOf } from "../directory/directory";
import { foundation, functions, withoutFunctions } from "./pgaadauth";
import { PostgresProcess } from "./process";

export interface InstanceOptions {
    serverName: string;
    directory: Directory;
    /** The major version of PostgreSQL. @default "17" */
    version?: string;
    /** Where this run keeps its files. */
    runDirectory: string;
}

/** An error as the service's control plane words it. */
export class ServiceError extends Error {
    constructor(
        readonly code: string,
        message: string,
    ) {
        super(message);
        this.name = "ServiceError";
    }
}

/** The parameters of the service that PostgreSQL doesn't know. */
const serviceParameters: Record<string, string> = {
    "pgaadauth.enable_group_sync": "off",
    "azure.extensions": "",
    require_secure_transport: "on",
    "pgbouncer.enabled": "false",
};

/** How often the service brings members' roles in step with their groups. */
const syncInterval = 30 * 60_000;

const labelType: Record<ObjectType, string> = { User: "user", Group: "group", ServicePrincipal: "service" };

let instances = 0;

export class PostgresInstance {
    readonly #pools = new Map<string, pg.Pool>();
    readonly #parameters = new Map<string, string>();
    #stopListening: () => void = () => undefined;
    #synchronized: Promise<void> = Promise.resolve();
    #syncTimer: NodeJS.Timeout | undefined;
    #login: string | undefined;
    entraAuthentication = false;
    passwordAuthentication = false;

    private constructor(
        readonly serverName: string,
        readonly directory: Directory,
        private readonly postgres: PostgresProcess,
    ) {}

    static async start({ serverName, directory, runDirectory, version }: InstanceOptions): Promise<PostgresInstance> {
        instances += 1;
        const postgres = await PostgresProcess.start(
            join(runDirectory, `pg${String(instances)}`),
            runDirectory,
            version,
        );
        const instance = new PostgresInstance(serverName, directory, postgres);
        try {
            await instance.#prepare();
        } catch (error) {
            await instance.stop();
            throw error;
        }
        return instance;
    }

    /** Where the gateway connects: a socket that trusts it, and a port that asks for passwords. */
    get endpoint(): { socket: string; port: number } {
        return { socket: this.postgres.socketDirectory, port: this.postgres.port };
    }

    async #prepare(): Promise<void> {
        await this.query("postgres", foundation);
        await this.query("postgres", "INSERT INTO pgaadauth_standin.tenant VALUES ($1)", [this.directory.tenantId]);
        // azure_pg_admin owns the schema public of every database, also of those made later.
        for (const database of ["postgres", "template1"]) {
            await this.query(database, "ALTER SCHEMA public OWNER TO azure_pg_admin");
        }
        await this.#pool("template1").end();
        this.#pools.delete("template1");
        for (const database of ["azure_maintenance", "azure_sys"]) {
            await this.query("postgres", `CREATE DATABASE ${database}`);
        }
        this.#stopListening = this.directory.onChange(() => {
            this.#synchronized = this.#synchronized.then(() => this.#copyDirectory()).catch(() => undefined);
        });
        await this.#copyDirectory();
    }

    /** Resolves once the database sees the directory as it is now. */
    async directorySynchronized(): Promise<void> {
        await this.#synchronized;
    }

    async #copyDirectory(): Promise<void> {
        const objects = this.directory.all().map((object) => ({
            object_id: object.objectId,
            type: labelType[object.type],
            name: nameOf(object),
            replicated_at: this.directory.replicatedAt(object.objectId).toISOString(),
        }));
        const members = this.directory
            .all()
            .flatMap((object) =>
                object.type === "Group"
                    ? object.memberObjectIds.map((member) => ({ group_id: object.objectId, member_id: member }))
                    : [],
            );
        await this.query(
            "postgres",
            `WITH gone AS (DELETE FROM pgaadauth_standin.directory
                            WHERE object_id NOT IN (SELECT r.object_id FROM jsonb_to_recordset($1) AS r(object_id text)))
             INSERT INTO pgaadauth_standin.directory
             SELECT * FROM jsonb_to_recordset($1) AS r(object_id text, type text, name text, replicated_at timestamptz)
             ON CONFLICT (object_id) DO UPDATE
                SET type = EXCLUDED.type, name = EXCLUDED.name, replicated_at = EXCLUDED.replicated_at`,
            [JSON.stringify(objects)],
        );
        await this.query(
            "postgres",
            `WITH gone AS (DELETE FROM pgaadauth_standin.membership
                            WHERE (group_id, member_id) NOT IN
                                  (SELECT r.group_id, r.member_id
                                     FROM jsonb_to_recordset($1) AS r(group_id text, member_id text)))
             INSERT INTO pgaadauth_standin.membership
             SELECT * FROM jsonb_to_recordset($1) AS r(group_id text, member_id text) ON CONFLICT DO NOTHING`,
            [JSON.stringify(members)],
        );
    }

    /** Switching Entra authentication restarts the server, as the service does. */
    async setEntraAuthentication(enabled: boolean): Promise<void> {
        if (enabled === this.entraAuthentication) return;
        await this.query("postgres", enabled ? functions : withoutFunctions);
        this.entraAuthentication = enabled;
        await this.restart();
    }

    setPasswordAuthentication(enabled: boolean): void {
        this.passwordAuthentication = enabled;
    }

    /** The PostgreSQL administrator; called again, it changes the password. */
    async setLogin(login: string, password: string): Promise<void> {
        const [name, secret] = [pg.escapeIdentifier(login), pg.escapeLiteral(password)];
        if (this.#login === undefined) {
            await this.query("postgres", `CREATE ROLE ${name} LOGIN CREATEROLE CREATEDB PASSWORD ${secret}`);
            await this.query("postgres", `GRANT azure_pg_admin TO ${name} WITH ADMIN OPTION`);
            this.#login = login;
        } else {
            await this.query("postgres", `ALTER ROLE ${name} PASSWORD ${secret}`);
        }
    }

    async createAdministrator(administrator: {
        objectId: string;
        principalName: string;
        principalType: ObjectType;
    }): Promise<void> {
        await this.directorySynchronized();
        const type = labelType[administrator.principalType];
        try {
            await this.query("postgres", "SELECT pgaadauth_standin.create_administrator($1, $2, $3)", [
                administrator.principalName,
                administrator.objectId.toLowerCase(),
                type,
            ]);
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            throw new ServiceError(
                "InvalidParameterValue",
                `Failed to create Microsoft Entra principal. Reason: '${reason}'`,
            );
        }
    }

    /** Dropping an administrator who owns objects fails, after a long time on Azure. */
    async deleteAdministrator(objectId: string): Promise<void> {
        const { rows } = await this.query<{ rolname: string }>(
            "postgres",
            "SELECT rolname FROM pgaadauth_standin.principal WHERE object_id = $1",
            [objectId.toLowerCase()],
        );
        const name = rows[0]?.rolname;
        if (name === undefined) return;
        try {
            await this.query("postgres", `DROP ROLE ${pg.escapeIdentifier(name)}`);
        } catch (error) {
            const { message, detail } = error as { message: string; detail?: string };
            throw new ServiceError(
                "OperationFailed",
                `Failed to drop Microsoft Entra principal. Reason: '${[message, detail].filter(Boolean).join(": ")}'`,
            );
        }
    }

    /** The owner is the PostgreSQL administrator, else the first Entra administrator, else the service itself. */
    async createDatabase(name: string, settings: { charset: string; collation: string }): Promise<void> {
        const { rows } = await this.query<{ rolname: string }>(
            "postgres",
            "SELECT rolname FROM pgaadauth_standin.principal WHERE is_admin ORDER BY role_id LIMIT 1",
        );
        const owner = this.#login ?? rows[0]?.rolname ?? "azuresu";
        if (!/^utf-?8$/i.test(settings.charset)) {
            throw new ServiceError("InvalidParameterValue", `The charset '${settings.charset}' isn't supported.`);
        }
        // The binaries bring no locales of their own; every locale of Azure is the machine's UTF-8 one here.
        await this.query(
            "postgres",
            `CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER ${pg.escapeIdentifier(owner)} ENCODING 'UTF8'`,
        );
    }

    async deleteDatabase(name: string): Promise<void> {
        await this.#pools.get(name)?.end();
        this.#pools.delete(name);
        await this.query("postgres", `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    }

    /** Sets a parameter; a static one takes effect at the next restart. */
    async setParameter(name: string, value: string): Promise<void> {
        const known = name in serviceParameters || (await this.#isKnown(name));
        if (!known) {
            throw new ServiceError("ConfigurationNotFound", `The configuration '${name}' doesn't exist.`);
        }
        const before = new Map(this.#parameters);
        this.#parameters.set(name, value);
        await this.#writeParameters();
        const { rows } = await this.query<{ error: string | null }>(
            "postgres",
            `SELECT f.error FROM pg_file_settings f JOIN pg_settings s ON s.name = f.name
              WHERE f.name = $1 AND f.error IS NOT NULL AND NOT s.pending_restart`,
            [name],
        );
        if (rows[0]) {
            this.#parameters.clear();
            for (const [key, old] of before) this.#parameters.set(key, old);
            await this.#writeParameters();
            throw new ServiceError(
                "InvalidParameterValue",
                `The value '${value}' isn't allowed for the configuration '${name}': ${rows[0].error ?? ""}.`,
            );
        }
        if (name === "pgaadauth.enable_group_sync") await this.#groupSync(isOn(value));
    }

    async resetParameter(name: string): Promise<void> {
        this.#parameters.delete(name);
        await this.#writeParameters();
        if (name === "pgaadauth.enable_group_sync") await this.#groupSync(false);
    }

    /** The value of a parameter as the service lists it, with its default. */
    async parameter(name: string): Promise<{ value: string; defaultValue: string; isDynamic: boolean } | undefined> {
        if (name in serviceParameters) {
            const defaultValue = serviceParameters[name] ?? "";
            return { value: this.#parameters.get(name) ?? defaultValue, defaultValue, isDynamic: true };
        }
        const { rows } = await this.query<{ boot_val: string | null; setting: string; context: string }>(
            "postgres",
            "SELECT boot_val, setting, context FROM pg_settings WHERE name = $1",
            [name],
        );
        const row = rows[0];
        if (!row) return undefined;
        return {
            value: this.#parameters.get(name) ?? row.setting,
            defaultValue: row.boot_val ?? "",
            isDynamic: row.context !== "postmaster",
        };
    }

    /** Brings members' roles in step with their groups now. */
    async syncGroups(): Promise<void> {
        await this.directorySynchronized();
        await this.query("postgres", "SELECT * FROM pgaadauth_standin.sync()");
    }

    async restart(): Promise<void> {
        await this.#closePools();
        await this.postgres.restart();
    }

    /** Kills the database as a crash would; `restart` brings it back. */
    async kill(): Promise<void> {
        await this.#closePools();
        await this.postgres.kill();
    }

    async stop(): Promise<void> {
        this.#stopListening();
        clearInterval(this.#syncTimer);
        await this.#synchronized;
        await this.#closePools();
        await this.postgres.stop();
    }

    /** Runs SQL as the service itself. */
    query<Row extends pg.QueryResultRow>(
        database: string,
        sql: string,
        values?: unknown[],
    ): Promise<pg.QueryResult<Row>> {
        return this.#pool(database).query<Row>(sql, values);
    }

    #pool(database: string): pg.Pool {
        const known = this.#pools.get(database);
        if (known) return known;
        const pool = new pg.Pool({
            host: this.postgres.socketDirectory,
            port: this.postgres.port,
            user: "azuresu",
            database,
            max: 3,
            idleTimeoutMillis: 1000,
            allowExitOnIdle: true,
        });
        // An idle connection that a restart cuts is replaced by the next query.
        pool.on("error", () => undefined);
        this.#pools.set(database, pool);
        return pool;
    }

    async #closePools(): Promise<void> {
        await Promise.all([...this.#pools.values()].map((pool) => pool.end().catch(() => undefined)));
        this.#pools.clear();
    }

    async #isKnown(name: string): Promise<boolean> {
        const { rowCount } = await this.query("postgres", "SELECT FROM pg_settings WHERE name = $1", [name]);
        return (rowCount ?? 0) > 0;
    }

    async #writeParameters(): Promise<void> {
        const lines = [...this.#parameters]
            .filter(([name]) => name !== "require_secure_transport")
            .map(([name, value]) => `${name} = '${value.replace(/\\/g, "\\\\").replace(/'/g, "''")}'\n`);
        const file = join(this.postgres.dataDirectory, "parameters.conf");
        await writeFile(file, lines.join(""), { mode: 0o644 });
        await this.query("postgres", "SELECT pg_reload_conf()");
        // The reload is a signal to the server, which takes a moment.
        await new Promise((resolve) => setTimeout(resolve, 50));
    }

    async #groupSync(enabled: boolean): Promise<void> {
        clearInterval(this.#syncTimer);
        if (!enabled) return;
        await this.syncGroups();
        this.#syncTimer = setInterval(() => {
            this.syncGroups().catch(() => undefined);
        }, syncInterval);
        this.#syncTimer.unref();
    }
}

function isOn(value: string): boolean {
    return ["on", "true", "1", "yes"].includes(value.toLowerCase());
}
