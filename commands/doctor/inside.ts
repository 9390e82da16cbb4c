/** What the server holds of roles, labels, memberships and databases, read by whoever is signed in. */
import type { ClientBase } from "pg";
import { type Mapping, parseMapping } from "../../provider/principal/label";
import { groupSyncSetting } from "../../provider/principal/statements";

export interface InsideRole {
    name: string;
    canLogin: boolean;
    /** At most so many connections; -1 for any number. */
    connectionLimit: number;
    /** What the role stands for; undefined for one without a label. */
    mapping: Mapping | undefined;
}

export interface InsideDatabase {
    name: string;
    connectionLimit: number;
    /** Whether the role that signs in has CONNECT there. */
    mayConnect: boolean;
}

export interface Inside {
    roles: readonly InsideRole[];
    memberships: readonly { group: string; member: string }[];
    databases: readonly InsideDatabase[];
    groupSync: boolean;
    /** When a member of an Entra group was added last, where PostgreSQL keeps the times of transactions. */
    membershipsChanged: Date | undefined;
}

const rolesQuery = `
    SELECT r.rolname::text AS name, r.rolcanlogin AS can_login, r.rolconnlimit AS connection_limit,
           (SELECT l.label FROM pg_shseclabel l
             WHERE l.objoid = r.oid AND l.classoid = 'pg_authid'::regclass AND l.provider = 'pgaadauth-int') AS mapping
      FROM pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY 1`;

const membershipsQuery = `
    SELECT g.rolname::text AS "group", m.rolname::text AS member
      FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member`;

const membershipsChangedQuery = `
    SELECT max(CASE WHEN current_setting('track_commit_timestamp') = 'on' THEN pg_xact_commit_timestamp(a.xmin) END) AS changed
      FROM pg_auth_members a JOIN pg_shseclabel l ON l.objoid = a.roleid AND l.classoid = 'pg_authid'::regclass
     WHERE l.provider = 'pgaadauth-int' AND l.label LIKE '%type=group%'`;

const databasesQuery = `
    SELECT d.datname::text AS name, d.datconnlimit AS connection_limit,
           coalesce((SELECT has_database_privilege(r.oid, d.oid, 'CONNECT') FROM pg_roles r WHERE r.rolname = $1), false)
               AS may_connect
      FROM pg_database d WHERE NOT d.datistemplate ORDER BY 1`;

/**
 * Reads and changes nothing. Names mean PostgreSQL's own functions, whatever else a database holds; said by a statement,
 * since PgBouncer takes no options at the start of a connection.
 */
export async function reading<T>(client: ClientBase, read: () => Promise<T>): Promise<T> {
    await client.query("BEGIN READ ONLY; SET LOCAL search_path = pg_catalog, pg_temp");
    try {
        return await read();
    } finally {
        await client.query("ROLLBACK");
    }
}

/** Looks inside. Any role may, unless the server hides its labels: then there is nothing to see. */
export async function lookInside(client: ClientBase, user: string): Promise<Inside | undefined> {
    try {
        return await read(client, user);
    } catch (error) {
        // Source: PostgreSQL, "PostgreSQL Error Codes", insufficient_privilege.
        if ((error as { code?: string }).code === "42501") return undefined;
        throw error;
    }
}

async function read(client: ClientBase, user: string): Promise<Inside> {
    const roles = await client.query<{
        name: string;
        can_login: boolean;
        connection_limit: number;
        mapping: string | null;
    }>(rolesQuery);
    const memberships = await client.query<{ group: string; member: string }>(membershipsQuery);
    const databases = await client.query<{ name: string; connection_limit: number; may_connect: boolean }>(
        databasesQuery,
        [user],
    );
    const changed = await client.query<{ changed: Date | null }>(membershipsChangedQuery);
    const sync = await client.query<{ value: string | null }>(groupSyncSetting);
    return {
        roles: roles.rows.map((row) => ({
            name: row.name,
            canLogin: row.can_login,
            connectionLimit: row.connection_limit,
            mapping: row.mapping === null ? undefined : parseMapping(row.mapping),
        })),
        memberships: memberships.rows,
        databases: databases.rows.map((row) => ({
            name: row.name,
            connectionLimit: row.connection_limit,
            mayConnect: row.may_connect,
        })),
        groupSync: isOn(sync.rows[0]?.value),
        membershipsChanged: changed.rows[0]?.changed ?? undefined,
    };
}

function isOn(value: string | null | undefined): boolean {
    return ["on", "true", "1", "yes"].includes((value ?? "off").toLowerCase());
}

/** The role that signs in, if it is there. */
export function roleOf({ roles }: Inside, user: string): InsideRole | undefined {
    return roles.find(({ name }) => name === user);
}
