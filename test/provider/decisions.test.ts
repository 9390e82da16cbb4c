import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfiguration, readConfiguration, defaults } from "../../provider/configuration";
import { connectionsForGrants } from "../../components/access/postgresql-provider";
import { passing } from "../../provider/connection/retry";
import { signInFailure } from "../../provider/connection/sign-in-errors";
import { refusals, refuseDeletion, remember } from "../../provider/guard/guard";
import { differencesOf } from "../../provider/principal/difference";
import { formatLabel, parseMapping } from "../../provider/principal/label";
import { administrate, createPrincipal, relabel, rename, beginOn } from "../../provider/principal/statements";
import { UNKNOWN } from "../../provider/protocol/implementation";

const objectId = "0b1ec700-0000-4000-8000-000000000101";

describe("labels", () => {
    it("are written lower-case, without blanks, always with the type", () => {
        expect(formatLabel({ type: "service", objectId: objectId.toUpperCase(), isAdmin: true, isMfa: true })).toBe(
            `aadauth,oid=${objectId},type=service,admin,mfa`,
        );
    });

    it("are read back as the server writes them", () => {
        fc.assert(
            fc.property(
                fc.constantFrom("user", "group", "service"),
                fc.uuid(),
                fc.uuid(),
                fc.boolean(),
                fc.boolean(),
                (type, oid, tenantId, isAdmin, isMfa) => {
                    const written = `type=${type},oid=${oid.toUpperCase()},tenant_id=${tenantId}${isAdmin ? ",admin" : ""}${isMfa ? ",mfa" : ""}`;
                    expect(parseMapping(written)).toEqual({ type, objectId: oid, tenantId, isAdmin, isMfa });
                },
            ),
        );
        expect(parseMapping("aadauth")).toBeUndefined();
    });
});

describe("statements", () => {
    const creation = { name: `x"; DROP ROLE y; --'`, type: "user", objectId, isAdmin: false, isMfa: false } as const;

    it("keep names apart from SQL", () => {
        expect(createPrincipal(creation).text).not.toContain("DROP");
        expect(relabel(creation)).toBe(
            `SECURITY LABEL FOR "pgaadauth" ON ROLE "x""; DROP ROLE y; --'" IS 'aadauth,oid=${objectId},type=user'`,
        );
        expect(rename("a", `b"c`)).toBe(`ALTER ROLE "a" RENAME TO "b""c"`);
        expect(administrate(`a"b`, true)[0]).toBe(`ALTER ROLE "a""b" CREATEROLE CREATEDB`);
    });

    it("lock a role by a number, which no name can break out of", () => {
        expect(beginOn(creation.name)).toMatch(/^BEGIN; SELECT pg_advisory_xact_lock\(-?\d+\)$/);
        expect(beginOn("a")).not.toBe(beginOn("b"));
    });

    it("give all arguments and their types: the functions have no defaults", () => {
        expect(createPrincipal(creation).text).toContain("$1::text, $2::text, $3::text, $4::boolean, $5::boolean");
        expect(createPrincipal({ ...creation, objectId: undefined }).values).toEqual([creation.name, false, false]);
    });
});

describe("differences of a principal", () => {
    const before = { serverName: "orders", name: "a", type: "User", objectId, signInAs: "admins" };

    it.each<[string, Record<string, unknown>, Record<string, string>]>([
        ["another case of the id", { objectId: objectId.toUpperCase() }, {}],
        ["the host for the server's name", { serverName: "orders.postgres.database.azure.com" }, {}],
        ["a default that is spelled out", { isAdmin: false, canLogin: true, adopt: true }, {}],
        ["no id any more", { objectId: undefined }, {}],
        ["another administrator to sign in as", { signInAs: "others" }, { signInAs: "update" }],
        ["another server", { serverName: "billing" }, { serverName: "update-replace" }],
        ["an unknown id", { objectId: UNKNOWN }, { objectId: "update" }],
    ])("for %s", (_, change, changes) => {
        expect(differencesOf(before, { objectId }, { ...before, ...change }).changes).toEqual(changes);
    });
});

describe("the guard of a server", () => {
    const before = {
        serverName: "orders",
        networkMode: "PublicAccess",
        geoRedundantBackup: false,
        dataEncryption: false,
        storageSizeGB: 128,
        storageAutoGrow: false,
        version: "17",
    };

    it.each<[string, Record<string, unknown>, string, RegExp]>([
        ["a login", { administratorLogin: "keeper" }, "administratorLogin", /replace this server/],
        ["another network", { networkMode: "VirtualNetworkIntegration" }, "networkMode", /Restore to a new server/],
        ["geo-redundancy", { geoRedundantBackup: true }, "geoRedundantBackup", /when the server is created/],
        ["a key", { dataEncryption: true }, "dataEncryption", /when the server is created/],
        ["less storage", { storageSizeGB: 64 }, "storageSizeGB", /never shrinks/],
        ["an older version", { version: "16" }, "version", /can't be lowered/],
        ["another name", { serverName: "billing" }, "serverName", /deleted with its data/],
    ])("refuses %s", (_, change, property, reason) => {
        const after = { ...before, ...change };
        expect(refusals(before, after)).toEqual([{ property, reason: expect.stringMatching(reason) as string }]);
        expect(refusals(before, { ...after, allowReplacement: true })).toEqual([]);
    });

    it("tells how to leave a virtual network, and that the service sees to storage that grows", () => {
        const integrated = { ...before, networkMode: "VirtualNetworkIntegration" };
        expect(refusals(integrated, before)[0]?.reason).toContain("az postgres flexible-server migrate-network");
        const growing = { ...before, storageAutoGrow: true };
        expect(refusals(growing, { ...growing, storageSizeGB: 256 })[0]?.reason).toContain("leaves the size alone");
    });

    it("lets through what can be done, and what isn't known yet", () => {
        expect(refusals(before, { ...before, storageSizeGB: 256, version: "18" })).toEqual([]);
        expect(
            refusals(before, { ...before, delegatedSubnetId: UNKNOWN, version: UNKNOWN, storageSizeGB: UNKNOWN }),
        ).toEqual([]);
    });

    it("remembers a login, so that passwords can be switched off and on", () => {
        const had = { ...before, administratorLogin: "keeper" };
        expect(remember(had, before)).toEqual(had);
        expect(refusals(had, before)).toEqual([]);
        expect(refusals(had, { ...before, administratorLogin: "other" })).toHaveLength(1);
    });

    it("refuses the deletion of a protected server", () => {
        expect(() => {
            refuseDeletion({ serverName: "orders", protect: true });
        }).toThrow(/is protected/);
        refuseDeletion({ serverName: "orders", protect: false });
    });
});

describe("the provider's settings", () => {
    it("leave a server no more than eight connections, with those for grants", () => {
        expect(defaults.maxConnectionsPerServer + connectionsForGrants).toBeLessThanOrEqual(8);
    });

    it("are checked all at once, unknown ones not at all", () => {
        const given = {
            cloud: "Germany",
            port: "0",
            credential: "Password",
            clientId: "x",
            colour: "red",
            patience: UNKNOWN,
        };
        expect(checkConfiguration(given).map(({ property }) => property)).toEqual([
            "cloud",
            "credential",
            "clientId",
            "port",
            "colour",
        ]);
        expect(readConfiguration({ port: "6432", cloud: "China" })).toMatchObject({
            port: 6432,
            cloud: "China",
            credential: "Default",
        });
    });
});

describe("what passes by itself", () => {
    it.each<[string, string | undefined, string | undefined]>([
        ["Cannot validate … its OID isn't found in the tenant.", "XX000", "directory"],
        ["Could not validate AAD user … OID is not found in the tenant", undefined, "directory"],
        ["its name isn't found in the tenant", "XX000", "name"],
        ["tuple concurrently updated", "XX000", "catalog"],
        ["sorry, too many clients already", "53300", "connection"],
        ["the database system is starting up", "57P03", "connection"],
        ["Connection terminated unexpectedly", undefined, "connection"],
        ["connect ECONNREFUSED", "ECONNREFUSED", "connection"],
        [`password authentication failed for user "x"`, "28P01", "sign-in"],
        ["The access token has expired. Acquire a new token and try again.", "28000", undefined],
        [`role "x" already exists`, "42710", undefined],
        ["permission denied", "42501", undefined],
    ])("%s", (message, code, kind) => {
        expect(passing({ message, code })).toBe(kind);
    });
});

describe("failed sign-ins", () => {
    it.each([
        ["FATAL:  The access token has expired. Acquire a new token and try again", /expired/],
        [
            `The access token does not have a valid audience claim. Please acquire a new token for the resource "x".`,
            /another service or another cloud/,
        ],
        [
            `The access token doesn't have a valid audience claim. Acquire a new token for resource "x"`,
            /another service or another cloud/,
        ],
        [
            "The access token doesn't have a valid oid claim. Acquire a new token and try again",
            /no object of the tenant/,
        ],
        [
            `Azure AD user token for role[AzureAdmin] is neither an AAD_AUTH_TOKENTYPE_APP_USER or an AAD_AUTH_TOKENTYPE_APP_OBO token.`,
            /application's token/,
        ],
        ["Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role[x]", /user's token/],
        ["Service Principal oid mismatch for role[x].", /another object/],
        ["Azure AD access token not valid for role r (does not contain group ID 1)", /isn't a member/],
        [`password authentication failed for user "x"`, /doesn't exist|written differently/],
        [`no pg_hba.conf entry for host "1.2.3.4", user "x", database "y", no encryption`, /isn't encrypted/],
        [`no pg_hba.conf entry for host "1.2.3.4", user "x", database "y", SSL encryption`, /firewall/],
        [`role "x" is not permitted to log in`, /may not sign in/],
    ])("%s", (message, cause) => {
        expect(signInFailure(message)?.cause).toMatch(cause);
    });

    it("aren't seen in other errors", () => {
        expect(signInFailure("syntax error")).toBeUndefined();
    });
});
