import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectionFacts } from "../../components/access/connection";
import { conninfoValue } from "../../components/access/connection-string";
import { bashQuote } from "../../components/access/shells";
import {
    type AccessRights,
    type PlannedGrant,
    describeRights,
    planRights,
    validateRights,
} from "../../components/access/rights";
import { serverWideRoles } from "../../components/access/server-wide-roles";
import { validateRoleName } from "../../components/server/names";
import { placeOf } from "../../provider/grants/inputs";

const context = { version: 17, defaultOwner: "admins" };

function tablePrivileges(plan: PlannedGrant[]): string[] {
    return plan.flatMap((grant) => (grant.kind === "Grant" && grant.objectType === "table" ? grant.privileges : []));
}

describe("planRights", () => {
    it("lets a reader read and nothing else, now and later", () => {
        expect(planRights({ profile: "Reader" }, context)).toEqual([
            { kind: "Grant", objectType: "database", privileges: ["CONNECT"] },
            { kind: "Grant", objectType: "schema", schema: "public", privileges: ["USAGE"] },
            { kind: "Grant", objectType: "table", schema: "public", privileges: ["SELECT"] },
            {
                kind: "DefaultPrivileges",

                objectType: "table",
                schema: "public",
                owner: "admins",
                privileges: ["SELECT"],
            },
            {
                kind: "Grant",

                objectType: "sequence",
                schema: "public",
                privileges: ["SELECT"],
            },
            {
                kind: "DefaultPrivileges",

                objectType: "sequence",
                schema: "public",
                owner: "admins",
                privileges: ["SELECT"],
            },
        ]);
    });

    it("gives MAINTAIN only where PostgreSQL has it", () => {
        expect(tablePrivileges(planRights({ profile: "Owner" }, { ...context, version: 16 }))).not.toContain(
            "MAINTAIN",
        );
        expect(tablePrivileges(planRights({ profile: "Owner" }, context))).toContain("MAINTAIN");
    });

    it("never gives a role that reaches into every database (a fault of other modules)", () => {
        for (const profile of ["Reader", "Writer", "Owner"] as const) {
            expect(JSON.stringify(planRights({ profile }, context))).not.toMatch(/pg_(read|write)_all_data/);
        }
        expect(validateRights({ profile: "Custom", memberOf: [...serverWideRoles] })).toHaveLength(
            serverWideRoles.length,
        );
        for (const name of ["public", "Public", "PUBLIC"]) expect(validateRoleName("name", name)).toHaveLength(1);
    });

    it("covers what every owner makes later, in every schema (others cover one owner)", () => {
        const plan = planRights({ profile: "Reader", schemas: ["a", "b"], objectOwners: ["x", "y"] }, context);
        const future = plan.filter((grant) => grant.kind === "DefaultPrivileges");
        const ofTables = future.filter(({ objectType }) => objectType === "table");
        expect(ofTables.map(({ schema, owner }) => [schema, owner])).toEqual([
            ["a", "x"],
            ["a", "y"],
            ["b", "x"],
            ["b", "y"],
        ]);
    });

    it("gives exactly the privileges that are named", () => {
        const rights: AccessRights = {
            profile: "Custom",
            tablePrivileges: ["SELECT"],
            onlyTables: ["invoices"],
            memberOf: ["reporting"],
        };
        expect(planRights(rights, context)).toEqual([
            { kind: "Grant", objectType: "database", privileges: ["CONNECT"] },
            { kind: "Grant", objectType: "schema", schema: "public", privileges: ["USAGE"] },
            {
                kind: "Grant",

                objectType: "table",
                schema: "public",
                privileges: ["SELECT"],
                objects: ["invoices"],
            },
            { kind: "Membership", grantRole: "reporting" },
        ]);
    });

    it("has one place for each grant, whatever the names", () => {
        const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 10 }), { minLength: 1, maxLength: 4 });
        fc.assert(
            fc.property(names, fc.constantFrom("Reader", "Writer", "Owner"), (schemas, profile) => {
                const places = planRights({ profile, schemas }, context).map(placeOf);
                expect(new Set(places).size).toBe(places.length);
            }),
        );
    });
});

describe("validateRights", () => {
    it.each<[string, unknown, string]>([
        ["an unknown profile", { profile: "Admin" }, "profile"],
        ["no schema", { profile: "Reader", schemas: [] }, "schemas"],
        ["a schema twice", { profile: "Reader", schemas: ["a", "a"] }, "schemas[1]"],
        ["an owner that can't be a role", { profile: "Reader", objectOwners: ["pg_x"] }, "objectOwners[0]"],
        ["a privilege that doesn't exist", { profile: "Custom", tablePrivileges: ["READ"] }, "tablePrivileges[0]"],
    ])("refuses %s", (_, rights, field) => {
        expect(validateRights(rights as AccessRights).map((fault) => fault.field)).toEqual([field]);
    });

    it("describes every profile in plain words", () => {
        expect(describeRights({ profile: "Reader" })).toBe("reads tables in public");
        expect(describeRights({ profile: "Writer", schemas: ["a", "b"] })).toBe("reads and changes rows in a, b");
    });
});

describe("connection facts", () => {
    it("quote names for the shell and for the connection string", () => {
        const signIn = {
            user: `O'Brien "DBA" Ünïon`,
            principalType: "Group",
            database: "orders",
            access: "reads",
        } as const;
        const { signIns, host } = connectionFacts("orders", "China", [signIn]);
        expect(host).toBe("orders.postgres.database.chinacloudapi.cn");
        expect(signIns[0]?.commands.bash).toContain(`user='\\''O\\'\\''Brien "DBA" Ünïon'\\''`);
        expect(signIns[0]?.commands.bash).toContain("--scope https://ossrdbms-aad.database.chinacloudapi.cn/.default");
    });

    it("come back from a shell and a parser as they went in", () => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
                const shell = bashQuote(text);
                expect(shell.slice(1, -1).replace(/'\\''/g, "'")).toBe(text);
                const value = conninfoValue(text);
                expect(value.startsWith("'") ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value).toBe(text);
            }),
        );
    });
});
