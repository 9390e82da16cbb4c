/** What a principal may do in a database, and the grants that make it so. Nothing here creates a resource. */
import type { Fault } from "../faults";
import { validateRoleName } from "../server/names";
import { serverWideRoles } from "./server-wide-roles";

export const tablePrivileges = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "TRUNCATE",
    "REFERENCES",
    "TRIGGER",
    "MAINTAIN",
] as const;
export const sequencePrivileges = ["USAGE", "SELECT", "UPDATE"] as const;
export const functionPrivileges = ["EXECUTE"] as const;
export const schemaPrivileges = ["USAGE", "CREATE"] as const;
export const databasePrivileges = ["CONNECT", "CREATE", "TEMPORARY"] as const;

/** Where rights hold. */
interface Reach {
    /**
     * The schemas.
     * @default ["public"]
     */
    schemas?: string[];
    /**
     * The roles that make tables, sequences and functions: what they make later is covered too.
     * @default - the administrator whom the deployment signs in as
     */
    objectOwners?: string[];
}

/**
 * Rights by a profile: `Reader` reads tables; `Writer` also changes rows and runs functions; `Owner` also makes and empties
 * tables and makes schemas. None reaches beyond the database.
 */
export interface ProfileRights extends Reach {
    /** `Reader` reads; `Writer` also changes rows and runs functions; `Owner` also makes tables and schemas. */
    profile: "Reader" | "Writer" | "Owner";
}

/** Rights one by one, in PostgreSQL's words. Source: PostgreSQL, "Privileges". */
export interface CustomRights extends Reach {
    /** `Custom` gives the privileges that are named, and no others. */
    profile: "Custom";
    /** @default ["CONNECT"] */
    databasePrivileges?: (typeof databasePrivileges)[number][];
    /** On the schemas. @default ["USAGE"] */
    schemaPrivileges?: (typeof schemaPrivileges)[number][];
    /** On tables and views. @default - none */
    tablePrivileges?: (typeof tablePrivileges)[number][];
    /** The tables and views meant, by name; future ones are then not covered. @default - all */
    onlyTables?: string[];
    /** On sequences. @default - none */
    sequencePrivileges?: (typeof sequencePrivileges)[number][];
    /** On functions. @default - none */
    functionPrivileges?: (typeof functionPrivileges)[number][];
    /**
     * Roles that the principal becomes a member of, which holds on the whole server: of several `DatabaseAccess` of one
     * principal let one alone say it; `EntraPostgres` puts them together.
     * @default - none
     */
    memberOf?: string[];
}

/** Rights by a profile, or one by one. */
export type AccessRights = ProfileRights | CustomRights;

/** Rights spelled out. */
interface Privileges {
    database: string[];
    schema: string[];
    tables: string[];
    onlyTables: string[];
    sequences: string[];
    functions: string[];
    memberOf: string[];
}

/** A grant to make. */
export type PlannedGrant =
    | {
          kind: "Grant";
          objectType: "database" | "schema" | "table" | "sequence" | "function";
          schema?: string;
          objects?: string[];
          privileges: string[];
      }
    | {
          kind: "DefaultPrivileges";
          objectType: "table" | "sequence" | "function";
          schema: string;
          owner: string;
          privileges: string[];
      }
    | { kind: "Membership"; grantRole: string };

function privilegesOf(rights: AccessRights, version: number): Privileges {
    const nothingElse = { onlyTables: [], memberOf: [] };
    switch (rights.profile) {
        case "Reader":
            return {
                ...nothingElse,
                database: ["CONNECT"],
                schema: ["USAGE"],
                tables: ["SELECT"],
                sequences: ["SELECT"],
                functions: [],
            };
        case "Writer":
            return {
                ...nothingElse,
                database: ["CONNECT"],
                schema: ["USAGE"],
                tables: ["SELECT", "INSERT", "UPDATE", "DELETE"],
                sequences: [...sequencePrivileges],
                functions: ["EXECUTE"],
            };
        case "Owner":
            return {
                ...nothingElse,
                database: [...databasePrivileges],
                schema: [...schemaPrivileges],
                // MAINTAIN came with PostgreSQL 17.
                tables: tablePrivileges.filter((privilege) => privilege !== "MAINTAIN" || version >= 17),
                sequences: [...sequencePrivileges],
                functions: ["EXECUTE"],
            };
        case "Custom":
            return {
                database: rights.databasePrivileges ?? ["CONNECT"],
                schema: rights.schemaPrivileges ?? ["USAGE"],
                tables: rights.tablePrivileges ?? [],
                onlyTables: rights.onlyTables ?? [],
                sequences: rights.sequencePrivileges ?? [],
                functions: rights.functionPrivileges ?? [],
                memberOf: rights.memberOf ?? [],
            };
    }
}

/** The grants for a principal in one database, in the order in which they are made. */
export function planRights(rights: AccessRights, context: { version: number; defaultOwner: string }): PlannedGrant[] {
    const { database, schema, tables, onlyTables, sequences, functions, memberOf } = privilegesOf(
        rights,
        context.version,
    );
    const schemas = rights.schemas ?? ["public"];
    const owners = rights.objectOwners ?? [context.defaultOwner];
    const plan: PlannedGrant[] = [];

    if (database.length > 0) plan.push({ kind: "Grant", objectType: "database", privileges: database });
    for (const name of schemas) {
        if (schema.length > 0) {
            plan.push({ kind: "Grant", objectType: "schema", schema: name, privileges: schema });
        }
        for (const [objectType, privileges] of [
            ["table", tables],
            ["sequence", sequences],
            ["function", functions],
        ] as const) {
            if (privileges.length === 0) continue;
            const named = objectType === "table" ? onlyTables : [];
            plan.push({
                kind: "Grant",
                objectType,
                schema: name,
                privileges,
                ...(named.length > 0 && { objects: named }),
            });
            if (named.length > 0) continue;
            for (const owner of owners) {
                plan.push({ kind: "DefaultPrivileges", objectType, schema: name, owner, privileges });
            }
        }
    }
    for (const grantRole of memberOf) plan.push({ kind: "Membership", grantRole });
    return plan;
}

/** Checks rights without registering anything. */
export function validateRights(rights: AccessRights): Fault[] {
    const faults: Fault[] = [];
    const profiles = ["Reader", "Writer", "Owner", "Custom"];
    if (!profiles.includes(rights.profile)) {
        return [
            {
                field: "profile",
                given: rights.profile,
                allowed: profiles.join(", "),
                fix: "Custom takes privileges one by one.",
            },
        ];
    }
    const list = (field: string, values: readonly string[] | undefined, check: (value: string) => Fault[]): void => {
        if (values === undefined) return;
        if (values.length === 0 && (field === "schemas" || field === "objectOwners" || field === "onlyTables")) {
            faults.push({ field, given: [], allowed: "at least one", fix: "Leave it out for the default." });
        }
        values.forEach((value, index) => {
            faults.push(...check(value).map((fault) => ({ ...fault, field: `${field}[${String(index)}]` })));
            if (values.indexOf(value) !== index) {
                faults.push({
                    field: `${field}[${String(index)}]`,
                    given: value,
                    allowed: "each once",
                    fix: "Remove it.",
                });
            }
        });
    };
    const identifier = (value: string): Fault[] =>
        value !== "" && Buffer.byteLength(value) <= 63 && !value.includes("\0")
            ? []
            : [{ field: "", given: value, allowed: "1 to 63 bytes without NUL", fix: "Correct the name." }];
    const among = (allowed: readonly string[]) => (value: string) =>
        allowed.includes(value) ? [] : [{ field: "", given: value, allowed: allowed.join(", "), fix: "Correct it." }];

    list("schemas", rights.schemas, identifier);
    list("objectOwners", rights.objectOwners, (value) => validateRoleName("", value));
    if (rights.profile === "Custom") {
        list("databasePrivileges", rights.databasePrivileges, among(databasePrivileges));
        list("schemaPrivileges", rights.schemaPrivileges, among(schemaPrivileges));
        list("tablePrivileges", rights.tablePrivileges, among(tablePrivileges));
        list("onlyTables", rights.onlyTables, identifier);
        list("sequencePrivileges", rights.sequencePrivileges, among(sequencePrivileges));
        list("functionPrivileges", rights.functionPrivileges, among(functionPrivileges));
        list("memberOf", rights.memberOf, memberOf);
    }
    return faults;
}

function memberOf(role: string): Fault[] {
    if (serverWideRoles.includes(role)) {
        return [
            {
                field: "",
                given: role,
                allowed: "roles of one database",
                fix: "This role reaches every database of the server: use a profile.",
            },
        ];
    }
    return role !== "" && Buffer.byteLength(role) <= 63 && !role.includes("\0")
        ? []
        : [{ field: "", given: role, allowed: "1 to 63 bytes without NUL", fix: "Correct the name." }];
}

/** Rights in a few plain words. */
export function describeRights(rights: AccessRights): string {
    const where = (rights.schemas ?? ["public"]).join(", ");
    switch (rights.profile) {
        case "Reader":
            return `reads tables in ${where}`;
        case "Writer":
            return `reads and changes rows in ${where}`;
        case "Owner":
            return `owns what is in ${where}: makes, changes and empties tables`;
        case "Custom":
            return `has named privileges in ${where}`;
    }
}
