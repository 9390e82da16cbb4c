/**
 * What a server's catalog must say, from the documentation of the profiles alone: nothing here uses the code that decides
 * which grants are made.
 */
import { administrators } from "../local/directory/contoso";
import { type DirectoryObject, nameOf } from "../local/directory/directory";
import {
    type Access,
    type Database,
    type DesiredState,
    handMadeRole,
    principals,
    secondAdministrator,
} from "./desired-state";

/** Something that was made by hand in a database. */
export interface Thing {
    kind: "table" | "sequence" | "function";
    schema: string;
    name: string;
}

/** What there is in each database besides its schemas. */
export type Furniture = ReadonlyMap<Database, readonly Thing[]>;

interface Privileges {
    database: readonly string[];
    schema: readonly string[];
    table: readonly string[];
    sequence: readonly string[];
    function: readonly string[];
}

const profiles: Record<"Reader" | "Writer" | "Owner", Privileges> = {
    Reader: { database: ["CONNECT"], schema: ["USAGE"], table: ["SELECT"], sequence: ["SELECT"], function: [] },
    Writer: {
        database: ["CONNECT"],
        schema: ["USAGE"],
        table: ["DELETE", "INSERT", "SELECT", "UPDATE"],
        sequence: ["SELECT", "UPDATE", "USAGE"],
        function: ["EXECUTE"],
    },
    Owner: {
        database: ["CONNECT", "CREATE", "TEMPORARY"],
        schema: ["CREATE", "USAGE"],
        table: ["DELETE", "INSERT", "MAINTAIN", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"],
        sequence: ["SELECT", "UPDATE", "USAGE"],
        function: ["EXECUTE"],
    },
};

function privilegesOf({ rights }: Access): Privileges {
    if (rights.profile !== "Custom") return profiles[rights.profile];
    return {
        database: rights.databasePrivileges ?? ["CONNECT"],
        schema: rights.schemaPrivileges ?? ["USAGE"],
        table: rights.tablePrivileges ?? [],
        sequence: rights.sequencePrivileges ?? [],
        function: rights.functionPrivileges ?? [],
    };
}

/** Whether an entry's privileges reach something. */
function reaches({ rights }: Access, { kind, schema, name }: Thing): boolean {
    if (!(rights.schemas ?? ["public"]).includes(schema)) return false;
    const only = rights.profile === "Custom" ? rights.onlyTables : undefined;
    return kind !== "table" || only === undefined || only.includes(name);
}

/** Administrators that there are, with their role's name. */
function administratorsOf(state: DesiredState): DirectoryObject[] {
    return [administrators, ...(state.secondAdministrator ? [secondAdministrator] : [])];
}

/** Roles that a state wants, with the object that each stands for. */
export function rolesOf(state: DesiredState): Map<string, DirectoryObject> {
    const roles = new Map(administratorsOf(state).map((object) => [nameOf(object), object]));
    for (const { role } of state.access) {
        const object = principals[role];
        if (object) roles.set(role, object);
    }
    return roles;
}

/** Every line of the catalog that concerns principals, in order. */
export function expectedCatalog(state: DesiredState, furniture: Furniture): string[] {
    const lines = [`role ${handMadeRole}: no sign-in`];
    const administering = new Set(administratorsOf(state).map(nameOf));
    for (const [role, { type, objectId }] of rolesOf(state)) {
        const creates = administering.has(role) ? ", creates roles" : "";
        lines.push(`role ${role}: sign-in${creates}, ${type} ${objectId}`);
    }
    for (const { role, rights } of state.access) {
        if (rights.profile === "Custom" && rights.memberOf) lines.push(`${role} is a member of ${handMadeRole}`);
    }
    for (const database of state.databases) lines.push(...expectedIn(database, state, furniture.get(database) ?? []));
    return [...new Set(lines)].sort();
}

function expectedIn(database: Database, state: DesiredState, things: readonly Thing[]): string[] {
    const lines: string[] = [];
    const has = (what: string, role: string, privileges: readonly string[]): void => {
        if (privileges.length > 0) lines.push(`${database}: ${what}: ${role} ${[...privileges].sort().join(" ")}`);
    };
    // What PostgreSQL itself gives to everybody and nobody takes away.
    has("schema public", "PUBLIC", ["USAGE"]);
    for (const thing of things) if (thing.kind === "function") has(nameOfThing(thing), "PUBLIC", ["EXECUTE"]);
    // The first administrator owns the database.
    if (state.secondAdministrator) has("database", nameOf(secondAdministrator), ["CONNECT", "CREATE", "TEMPORARY"]);

    for (const entry of state.access.filter((each) => each.database === database)) {
        const { role, rights } = entry;
        const privileges = privilegesOf(entry);
        const schemas = rights.schemas ?? ["public"];
        has("database", role, privileges.database);
        for (const schema of schemas) has(`schema ${schema}`, role, privileges.schema);
        for (const thing of things) if (reaches(entry, thing)) has(nameOfThing(thing), role, privileges[thing.kind]);
        for (const owner of rights.objectOwners ?? [administrators.displayName]) {
            for (const schema of schemas) {
                for (const kind of ["table", "sequence", "function"] as const) {
                    // Where tables are named, those made later aren't meant.
                    if (!reaches(entry, { kind, schema, name: "" })) continue;
                    has(`future ${kind}s of ${owner} in ${schema}`, role, privileges[kind]);
                }
            }
        }
    }
    return lines;
}

function nameOfThing({ kind, schema, name }: Thing): string {
    return `${kind} ${schema}.${name}`;
}

/** Whether an object of the directory may sign in as a role: it is that object, or a member of that group. */
export function maySignIn(who: DirectoryObject, role: string, state: DesiredState): boolean {
    const object = rolesOf(state).get(role);
    if (!object) return false;
    return object.type === "Group" ? object.memberObjectIds.includes(who.objectId) : object.objectId === who.objectId;
}

/** What a role may do in a database, as far as sign-ins try it. */
export function mayDo(
    role: string,
    database: Database,
    state: DesiredState,
): { connect: boolean; read: boolean; empty: boolean } {
    if (administratorsOf(state).some((object) => nameOf(object) === role)) {
        return { connect: true, read: true, empty: true };
    }
    const entry = state.access.find((each) => each.role === role && each.database === database);
    if (!entry) return { connect: false, read: false, empty: false };
    const { database: onDatabase, table } = privilegesOf(entry);
    const items = reaches(entry, { kind: "table", schema: "public", name: "items" });
    return {
        connect: onDatabase.includes("CONNECT"),
        read: items && table.includes("SELECT"),
        empty: items && table.includes("DELETE"),
    };
}
