/** Desired states as a user would write them: what of a small world of databases and principals is wanted. */
import fc from "fast-check";
import type { AccessPrincipal, AccessRights, EntraPostgresArgs } from "../index";
import {
    administrators,
    alice,
    awkward,
    bob,
    duplicates,
    guest,
    obrien,
    ordersApi,
    readers,
    writers,
} from "../local/directory/contoso";
import { type DirectoryObject, nameOf } from "../local/directory/directory";

export const databases = ["orders", "billing", "stock"] as const;
export type Database = (typeof databases)[number];

/** Schemas of each database; the second one is made by hand, like everything in it. */
export const schemas = ["public", "sales"] as const;

/** A role without sign-in that an administrator makes by hand: principals are made members of it, and it may own objects. */
export const handMadeRole = "auditors";

/** An application whose display name isn't unique, so that it can be had by its object id alone. */
const reporting = duplicates[0] as DirectoryObject;

/** Everything that may become a principal, by its role's name. */
export const principals: Record<string, DirectoryObject> = {
    ...Object.fromEntries(
        [readers, writers, awkward, alice, bob, obrien, ordersApi].map((object) => [nameOf(object), object]),
    ),
    reporting,
};

/** The administrator that comes and goes. */
export const secondAdministrator = guest;

export interface Access {
    role: string;
    database: Database;
    rights: AccessRights;
}

export interface DesiredState {
    databases: Database[];
    access: Access[];
    /** Whether a second administrator is wanted. */
    secondAdministrator: boolean;
    /** Whether principals are given by object id instead of by name. */
    byObjectId: boolean;
    /** A server parameter; the service's own value when it is left out. */
    logConnections?: "on" | "off";
    /** Whether a second firewall rule is wanted. */
    office: boolean;
}

/** Where a world begins: one database and nobody in it. */
export const beginning: DesiredState = {
    databases: ["orders"],
    access: [],
    secondAdministrator: false,
    byObjectId: false,
    office: false,
};

const someSchemas = fc.constantFrom<string[][]>(["public"], ["public"], ["public", "sales"], ["sales"]);
const some = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values], { minLength: 1 });

const profileRights = fc.record(
    {
        profile: fc.constantFrom("Reader" as const, "Writer" as const, "Owner" as const),
        schemas: someSchemas,
        objectOwners: fc.constantFrom<string[][]>(
            [administrators.displayName],
            [administrators.displayName, handMadeRole],
        ),
    },
    { requiredKeys: ["profile"] },
);

const customRights = fc.record(
    {
        profile: fc.constant("Custom" as const),
        schemas: someSchemas,
        databasePrivileges: fc.subarray(["CONNECT" as const, "CREATE" as const, "TEMPORARY" as const]),
        schemaPrivileges: some(["USAGE", "CREATE"] as const),
        tablePrivileges: some(["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"] as const),
        onlyTables: fc.constant<string[]>(["items"]),
        sequencePrivileges: some(["USAGE", "SELECT", "UPDATE"] as const),
        functionPrivileges: fc.constant<"EXECUTE"[]>(["EXECUTE"]),
        memberOf: fc.constant<string[]>([handMadeRole]),
    },
    { requiredKeys: ["profile"] },
);

const access: fc.Arbitrary<Access> = fc.record({
    role: fc.constantFrom(...Object.keys(principals)),
    database: fc.constantFrom(...databases),
    rights: fc.oneof({ arbitrary: profileRights, weight: 3 }, { arbitrary: customRights, weight: 2 }),
});

export const desiredStates: fc.Arbitrary<DesiredState> = fc.record(
    {
        databases: some(databases),
        access: fc.uniqueArray(access, {
            minLength: 1,
            maxLength: 6,
            selector: ({ role, database }) => `${role}/${database}`,
        }),
        secondAdministrator: fc.boolean(),
        byObjectId: fc.boolean(),
        logConnections: fc.constantFrom("on" as const, "off" as const),
        office: fc.boolean(),
    },
    { requiredKeys: ["databases", "access", "secondAdministrator", "byObjectId", "office"] },
);

/**
 * The part of a state that can be asked for: access to databases that are wanted too, to what was made by hand only in
 * databases that were there before, and to future objects of roles that there are.
 */
export function feasible(state: DesiredState, furnished: readonly Database[]): DesiredState {
    const possible = state.access.filter(({ database, rights }) => {
        const byHand =
            rights.schemas?.includes("sales") === true ||
            (rights.profile === "Custom" && rights.onlyTables !== undefined);
        return state.databases.includes(database) && (!byHand || furnished.includes(database));
    });
    const namesWriters = ({ rights }: Access): boolean => rights.objectOwners?.includes(writers.displayName) === true;
    const hasWriters = possible.some((entry) => entry.role === writers.displayName && !namesWriters(entry));
    return { ...state, access: possible.filter((entry) => hasWriters || !namesWriters(entry)) };
}

function principal(role: string, byObjectId: boolean): AccessPrincipal {
    const object = principals[role];
    if (!object) throw new Error(`there is no principal ${role}`);
    const { type, objectId } = object;
    return { type, name: role, ...((byObjectId || object === reporting) && { objectId }) };
}

/** The state as a program says it. */
export function argumentsOf(state: DesiredState): Partial<EntraPostgresArgs> {
    return {
        administrators: [
            { type: "Group", name: administrators.displayName },
            ...(state.secondAdministrator ? [{ type: "User" as const, name: nameOf(guest) }] : []),
        ],
        databases: state.databases.map((name) => ({ name })),
        ...(state.logConnections !== undefined && { parameters: { log_connections: state.logConnections } }),
        network: {
            mode: "PublicAccess",
            firewallRules: [
                { name: "this-machine", cidr: "127.0.0.1/32" },
                ...(state.office ? [{ name: "office", cidr: "203.0.113.0/28" }] : []),
            ],
        },
        access: state.access.map(({ role, database, rights }) => ({
            ...rights,
            principal: principal(role, state.byObjectId),
            database,
        })),
    };
}
