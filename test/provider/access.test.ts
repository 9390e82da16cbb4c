import * as fc from "fast-check";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PlannedGrant, planRights } from "../../components/access/rights";
import { administrators, bob, readers } from "../../local/directory/contoso";
import { EmulatedServer, accessType, calls } from "../support/emulated-server";

let server: EmulatedServer;
let engine: ReturnType<typeof calls>;

const role = readers.displayName;
const reader = planRights({ profile: "Reader" }, { version: 17, defaultOwner: administrators.displayName });
const writer = planRights({ profile: "Writer" }, { version: 17, defaultOwner: administrators.displayName });
const access = (grants: PlannedGrant[], database = "orders") => ({ database, role, grants });

beforeAll(async () => {
    server = await EmulatedServer.start();
});

afterAll(async () => {
    await server.stop();
});

beforeEach(async () => {
    await calls(await server.provider()).create({ name: role, type: "Group" });
    engine = calls(await server.provider(), { type: accessType });
    await make("CREATE TABLE invoices (id int)");
});

afterEach(async () => {
    server.gateway.reset();
    await server.query("DROP TABLE IF EXISTS invoices", [], "orders");
    await calls(await server.provider()).delete({ name: role, type: "Group" });
    await server.closeProviders();
});

/** As the administrator would: the service's superuser owns nothing of a team's. */
async function make(sql: string, owner = administrators.displayName): Promise<void> {
    await server.query(`SET ROLE ${pg.escapeIdentifier(owner)}; ${sql}; RESET ROLE`, undefined, "orders");
}

async function may(privilege: string, table = "invoices"): Promise<boolean> {
    const [row] = await server.query(
        "SELECT has_table_privilege($1, $2, $3) AS may",
        [role, table, privilege],
        "orders",
    );
    return row?.["may"] === true;
}

describe("access to a database", () => {
    it("is given, widened, narrowed and taken away, with nothing left over", async () => {
        await engine.create(access(reader));
        expect(await may("SELECT")).toBe(true);
        expect(await may("INSERT")).toBe(false);

        await engine.update(access(reader), access(writer), access(reader));
        expect(await may("INSERT")).toBe(true);

        await engine.update(access(writer), access(reader), access(writer));
        expect(await may("INSERT")).toBe(false);
        expect((await engine.read(access(reader)))?.inputs["grants"]).toEqual(reader);

        await engine.delete(access(reader));
        expect(await server.query("SELECT FROM pg_default_acl", [], "orders")).toEqual([]);
        const dependencies = "SELECT FROM pg_shdepend WHERE refobjid = $1::regrole AND deptype = 'a'";
        expect(await server.query(dependencies, [pg.escapeIdentifier(role)])).toEqual([]);
    });

    it("is exactly what it says: what somebody else gave goes, elsewhere it stays", async () => {
        await server.query("CREATE SCHEMA other CREATE TABLE notes (id int)", [], "orders");
        const name = pg.escapeIdentifier(role);
        await server.query(`GRANT SELECT ON other.notes TO ${name}`, [], "orders");
        await server.query(`GRANT DELETE ON invoices TO ${name}`, [], "orders");
        await engine.create(access(reader));
        expect(await may("DELETE")).toBe(false);
        expect(await may("SELECT", "other.notes")).toBe(true);
        await server.query("DROP SCHEMA other CASCADE", [], "orders");
    });

    it("shows what was changed behind its back, and that role or database are gone", async () => {
        const name = pg.escapeIdentifier(role);
        await engine.create(access(reader));
        await server.query(`GRANT INSERT ON invoices TO ${name}`, [], "orders");
        await server.query(`REVOKE CONNECT ON DATABASE orders FROM ${name}`);
        const grants = (await engine.read(access(reader)))?.inputs["grants"] as { privileges: string[] }[];
        expect(grants.map(({ privileges }) => privileges)).toEqual([
            ...[[], ["USAGE"], ["INSERT", "SELECT"]],
            ...[["SELECT"], ["SELECT"], ["SELECT"]],
        ]);

        expect(await engine.read({ ...access(reader), database: "nowhere" })).toBeUndefined();
        expect(await engine.read({ ...access(reader), role: "nobody" })).toBeUndefined();
        await engine.delete({ ...access(reader), database: "nowhere" });
        await engine.delete({ ...access(reader), role: "nobody" });
    });

    it("is taken away where schemas and tables are gone by then", async () => {
        await make("CREATE SCHEMA passing CREATE TABLE notes (id int)");
        const grants = planRights(
            { profile: "Custom", schemas: ["public", "passing"], tablePrivileges: ["SELECT"], onlyTables: ["notes"] },
            { version: 17, defaultOwner: administrators.displayName },
        ).filter((grant) => grant.kind !== "Grant" || grant.objectType !== "table" || grant.schema === "passing");
        await engine.create(access(grants));
        expect(await may("SELECT", "passing.notes")).toBe(true);
        await server.query("DROP SCHEMA passing CASCADE", [], "orders");
        await engine.delete(access(grants));
    });

    it("covers what others own in whose role the administrator isn't a member, and leaves it so", async () => {
        await server.query("CREATE ROLE maker");
        await server.query(
            `GRANT maker TO ${pg.escapeIdentifier(administrators.displayName)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
        );
        await server.query("GRANT CREATE ON SCHEMA public TO maker", [], "orders");
        await make("CREATE TABLE there (id int)", "maker");
        const memberships = () =>
            server.query(
                "SELECT grantor::regrole::text, admin_option, inherit_option, set_option FROM pg_auth_members WHERE roleid = 'maker'::regrole",
            );
        const before = await memberships();
        const grants = planRights({ profile: "Reader", objectOwners: ["maker"] }, { version: 17, defaultOwner: "" });
        await engine.create(access(grants));
        await make("CREATE TABLE made (id int)", "maker");
        expect([await may("SELECT", "there"), await may("SELECT", "made")]).toEqual([true, true]);
        expect(await memberships()).toEqual(before);
        await engine.delete(access(grants));
        expect(await memberships()).toEqual(before);

        // What others make later isn't meant any more.
        await engine.create(access(grants));
        await engine.update(access(grants), access(reader), access(grants));
        const future = "SELECT FROM pg_default_acl WHERE defaclrole = 'maker'::regrole";
        expect(await server.query(future, [], "orders")).toEqual([]);
        expect(await memberships()).toEqual(before);

        // Nor can it be when they are gone.
        await engine.update(access(reader), access(grants), access(reader));
        await server.query("DROP OWNED BY maker", [], "orders");
        await server.query("DROP ROLE maker");
        await engine.delete(access(grants));
    });

    it("makes a member, and ends that", async () => {
        await server.query("CREATE ROLE reporting");
        await server.query(`GRANT reporting TO ${pg.escapeIdentifier(administrators.displayName)} WITH ADMIN TRUE`);
        const grants: PlannedGrant[] = [{ kind: "Membership", grantRole: "reporting" }];
        const isMember = async () =>
            (await server.query("SELECT pg_has_role($1, 'reporting', 'MEMBER') AS is", [role]))[0]?.["is"];
        await engine.create(access(grants));
        expect(await isMember()).toBe(true);
        expect((await engine.read(access(grants)))?.inputs["grants"]).toEqual(grants);
        await engine.delete(access(grants));
        expect(await isMember()).toBe(false);
        expect((await engine.read(access(grants)))?.inputs["grants"]).toEqual([]);
        await server.query("DROP ROLE reporting");
    });

    it("is all there or not at all, and says what is missing", async () => {
        const grants = planRights(
            { profile: "Reader", schemas: ["public", "missing"] },
            { version: 17, defaultOwner: administrators.displayName },
        );
        await expect(engine.create(access(grants))).rejects.toThrow(
            /Access of "Prod DB Readonly" to orders: schema "missing" does not exist. Make the schema first/,
        );
        expect(await may("SELECT")).toBe(false);
    });

    it("of many at once is given to all but the one whose schema is missing, and the error is that one's", async () => {
        const principals = calls(await server.provider());
        const names = Array.from({ length: 12 }, (_, index) => `squad ${String(index)}`);
        await Promise.all(names.map((name) => principals.create({ name, type: "User", objectId: bob.objectId })));
        const missing = planRights(
            { profile: "Reader", schemas: ["missing"] },
            { version: 17, defaultOwner: administrators.displayName },
        );
        const all = names.map((name) => ({ ...access(name === "squad 7" ? missing : reader), role: name }));
        const outcomes = await Promise.allSettled(all.map((each) => engine.create(each)));
        const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [String(outcome.reason)] : []));
        expect(failures).toEqual([
            'Error: Access of "squad 7" to orders: schema "missing" does not exist. Make the schema first, or leave it out of schemas.',
        ]);
        const readable = await server.query(
            "SELECT rolname FROM pg_roles WHERE rolname ^@ 'squad' AND has_table_privilege(oid, 'invoices', 'SELECT')",
            [],
            "orders",
        );
        expect(readable).toHaveLength(11);
        await Promise.all(all.map((each) => engine.delete(each)));
        await Promise.all(names.map((name) => principals.delete({ name, type: "User" })));
    });

    it("is refused, and not left out silently, where the administrator may grant nothing", async () => {
        await expect(engine.create(access(reader, "postgres"))).rejects.toThrow(
            'Access of "Prod DB Readonly" to postgres: Prod DB Admins may not grant CONNECT on the database, which others own. ' +
                "Sign in as an administrator who may manage what is there.",
        );
        await server.query("CREATE EXTENSION pg_stat_statements", [], "orders");
        await engine.create(access(reader));
        expect((await engine.read(access(reader)))?.inputs["grants"]).toEqual(reader);
        await server.query("DROP EXTENSION pg_stat_statements", [], "orders");
    });

    it("survives cuts, a full server and a restart", async () => {
        for (const moment of ["before-startup", "after-startup", "after-commit-before-reply"] as const) {
            server.gateway.cutNext(moment);
            await engine.create(access(writer));
            expect((await engine.read(access(writer)))?.inputs["grants"]).toEqual(writer);
            await engine.delete(access(writer));
            await server.closeProviders();
            engine = calls(await server.provider(), { type: accessType });
        }
        server.gateway.refuseNext(2, { code: "53300", message: "sorry, too many clients already" });
        await engine.create(access(writer));
        await server.instance.kill();
        const work = engine.update(access(writer), access(reader), access(writer));
        await server.instance.restart();
        await work;
        expect((await engine.read(access(reader)))?.inputs["grants"]).toEqual(reader);
    });

    it("of many in few databases at once neither fails nor takes more than its connections", async () => {
        const principals = calls(await server.provider());
        const names = Array.from({ length: 24 }, (_, index) => `team ${String(index)}`);
        const databases = ["orders", "billing", "archive"];
        for (const name of databases.slice(1)) {
            await server.instance.createDatabase(name, { charset: "UTF8", collation: "en_US.utf8" });
        }
        await Promise.all(names.map((name) => principals.create({ name, type: "User", objectId: bob.objectId })));
        await server.closeProviders();
        server.gateway.reset();
        engine = calls(await server.provider(), { type: accessType });
        const all = names.flatMap((name) => databases.map((database) => ({ ...access(writer, database), role: name })));
        await Promise.all(all.map((each) => engine.create(each)));
        for (const each of all) expect((await engine.read(each))?.inputs["grants"]).toEqual(writer);
        await Promise.all(all.map((each) => engine.delete(each)));
        expect(server.gateway.mostConnections("orders.postgres.database.azure.com")).toBeLessThanOrEqual(6);
        const again = calls(await server.provider());
        await Promise.all(names.map((name) => again.delete({ name, type: "User" })));
        for (const name of databases.slice(1)) await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    });
});

describe("a preview of access", () => {
    it("connects to nothing, and takes order for no difference", async () => {
        const attempts = server.gateway.attempts.length;
        await engine.create(access(reader), true);
        const reversed = reader.map((grant) =>
            grant.kind === "Membership" ? grant : { ...grant, privileges: [...grant.privileges].reverse() },
        );
        expect((await engine.diff(access(writer), access([...writer].reverse()))).changes).toEqual({});
        expect((await engine.diff(access(reader), access(reversed.reverse()))).changes).toEqual({});
        expect((await engine.diff(access(reader), access(writer))).changes).toEqual({ grants: "update" });
        expect((await engine.diff(access(reader), { ...access(reader), role: "other" })).changes).toEqual({
            role: "update-replace",
        });
        expect(server.gateway.attempts.length).toBe(attempts);
    });

    it("lists every bad input at once, and lets no SQL in by way of a privilege", async () => {
        const { failures } = await engine.check({
            serverName: "a b",
            database: "",
            role: "pg_monitor",
            grants: [{ kind: "Grant", objectType: "table", schema: "public", privileges: ["SELECT ON x TO y; --"] }],
            other: 1,
        });
        expect(failures.map(({ property }) => property)).toEqual(["serverName", "database", "role", "grants", "other"]);
        for (const grant of [
            { kind: "Membership", grantRole: "azure_pg_admin" },
            {
                kind: "Grant",
                objectType: "function",
                schema: "public",
                objects: ["f() TO x; --"],
                privileges: ["EXECUTE"],
            },
        ]) {
            const refused = await engine.check(access([grant as PlannedGrant]));
            expect(refused.failures.map(({ property }) => property)).toEqual(["grants"]);
        }
    });
});

describe("names in grants", () => {
    it("are names and nothing else, whatever is in them", async () => {
        await make("CREATE TABLE canary (id int)");
        const name = fc.oneof(
            fc.string({ unit: "binary", minLength: 1, maxLength: 15 }),
            fc.constantFrom(
                'a"; DROP TABLE canary; --',
                "'; DROP TABLE canary; --",
                "\\",
                "$$",
                "public",
                "PUBLIC",
                "Ü😀",
            ),
        );
        await fc.assert(
            fc.asyncProperty(name, name, async (schema, table) => {
                const grants: PlannedGrant[] = [
                    { kind: "Grant", objectType: "schema", schema, privileges: ["USAGE"] },
                    { kind: "Grant", objectType: "table", schema, objects: [table], privileges: ["SELECT"] },
                ];
                const { failures } = await engine.check(access(grants));
                fc.pre(
                    failures.length === 0 && schema.isWellFormed() && table.isWellFormed() && !schema.startsWith("pg_"),
                );
                const [space, relation] = [pg.escapeIdentifier(schema), pg.escapeIdentifier(table)];
                await make(`CREATE SCHEMA IF NOT EXISTS ${space}; CREATE TABLE ${space}.${relation} (id int)`);
                await engine.create(access(grants));
                expect((await engine.read(access(grants)))?.inputs["grants"]).toEqual(grants);
                expect(await may("SELECT", `${space}.${relation}`)).toBe(true);
                await engine.delete(access(grants));
                expect(await may("SELECT", `${space}.${relation}`)).toBe(false);
                await server.query(`DROP TABLE ${space}.${relation}`, undefined, "orders");
            }),
            { numRuns: 100 },
        );
        await server.query("DROP TABLE canary", [], "orders");
    }, 120_000);
});
