/** The script of `entra-postgres sql`, run with psql by somebody who has all rights. */
import { execFile, spawnSync } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type WantedResource, scriptFor } from "../../commands/sql/script";
import { hidden } from "../../components/visible";
import { administrators, bob, dana } from "../../local/directory/contoso";
import { UNKNOWN } from "../../provider/protocol/implementation";
import { EmulatedServer, accessType, principalType } from "../support/emulated-server";
import { anyName, hostileNames } from "./hostile-names";

let server: EmulatedServer;

beforeAll(async () => {
    server = await EmulatedServer.start();
    await server.query("CREATE ROLE canary");
}, 60_000);

afterAll(async () => {
    await server.stop();
});

const common = { serverName: "orders", signInAs: administrators.displayName };
const principal = (name: string): WantedResource => ({
    type: principalType,
    inputs: { ...common, name, type: "User", objectId: bob.objectId },
});

/** Rights on a schema and a table of the database's own name. */
const rights = (role: string, database: string): WantedResource => ({
    type: accessType,
    inputs: {
        ...common,
        database,
        role,
        grants: [
            { kind: "Grant", objectType: "database", privileges: ["CONNECT"] },
            { kind: "Grant", objectType: "schema", schema: database, privileges: ["USAGE"] },
            { kind: "Grant", objectType: "table", schema: database, objects: [database], privileges: ["SELECT"] },
        ],
    },
});

async function run(script: string): Promise<void> {
    const file = join(server.directory, "script.sql");
    await writeFile(file, script);
    const connection =
        `host=orders.postgres.database.azure.com hostaddr=127.0.0.1 port=${String(server.gateway.port)} ` +
        `user='${administrators.displayName}' dbname=postgres sslmode=require`;
    await promisify(execFile)("psql", [connection, "--no-psqlrc", "--quiet", "--file", file], {
        cwd: server.directory,
        env: { ...process.env, PGPASSWORD: await server.issuer.issue(dana) },
    });
}

describe.skipIf(spawnSync("psql", ["--version"]).status !== 0)("a script with hostile names, in psql", () => {
    it("makes roles of exactly these names and nothing else", async () => {
        const names = [...new Set([...hostileNames, ...fc.sample(anyName, { numRuns: 300, seed: 8 })])].filter(
            (name) => !name.startsWith("pg_"),
        );
        const roles = async () => (await server.query("SELECT rolname FROM pg_roles")).map((row) => row["rolname"]);
        const before = await roles();
        const script = scriptFor(names.map(principal));
        await run(script);
        expect((await roles()).sort()).toEqual([...before, ...names].sort());
        expect(script.replaceAll("\n", "")).not.toMatch(hidden);
        await expect(access(join(server.directory, "canary"))).rejects.toThrow("ENOENT");
    }, 60_000);

    it("goes to databases of exactly these names, at the same server, and grants there what it says", async () => {
        for (const name of hostileNames) {
            await server.instance.createDatabase(name, { charset: "UTF8", collation: "C" });
            const quoted = pg.escapeIdentifier(name);
            const owner = pg.escapeIdentifier(administrators.displayName);
            await server.query(`CREATE SCHEMA ${quoted} AUTHORIZATION ${owner}`, [], name);
            await server.query(`CREATE TABLE ${quoted}.${quoted} ()`, [], name);
            await server.query(`ALTER TABLE ${quoted}.${quoted} OWNER TO ${owner}`, [], name);
        }
        await run(scriptFor([principal("reader"), ...hostileNames.map((name) => rights("reader", name))]));
        for (const name of hostileNames) {
            const quoted = pg.escapeIdentifier(name);
            const [row] = await server.query(
                "SELECT has_table_privilege('reader', $1, 'SELECT') AS reads, has_table_privilege('canary', $1, 'SELECT') AS others",
                [`${quoted}.${quoted}`],
                name,
            );
            expect(row, name).toEqual({ reads: true, others: false });
        }
        expect(await server.query("SELECT FROM pg_roles WHERE rolname = 'canary'")).toHaveLength(1);
        await expect(access(join(server.directory, "canary"))).rejects.toThrow("ENOENT");
    }, 120_000);
});

describe("a script", () => {
    it("is refused for what the provider refuses and for what isn't known yet, all faults at once", () => {
        const grants = [{ kind: "Grant", objectType: "database", privileges: ["CONNECT TO x; --"] }];
        expect(() =>
            scriptFor([
                { type: accessType, inputs: { ...common, database: "orders", role: "a", grants } },
                { type: principalType, inputs: { ...common, name: "b", type: "Group", objectId: UNKNOWN } },
            ]),
        ).toThrow(/DatabaseAccess "a": grants: .*allowed[^]*EntraPrincipal "b": objectId isn't known/);
    });

    it("takes no SQL in by way of grants of the provider postgresql", () => {
        const grant = (inputs: object): WantedResource => ({
            type: "postgresql:index/grant:Grant",
            inputs: { role: "a", database: "orders", objectType: "table", privileges: ["SELECT"], ...inputs },
        });
        for (const bad of [
            { privileges: ["SELECT ON x TO y; DROP ROLE canary; --"] },
            { objectType: "table x; --" },
            { objectType: "function", objects: ["f() TO y; DROP ROLE canary; --"] },
            { objectType: "function", objects: [`f"(); DROP ROLE canary; --(integer)`] },
        ]) {
            expect(() => scriptFor([grant(bad)])).toThrow(/is no word of SQL|is no function with its arguments/);
        }
        expect(scriptFor([grant({ objectType: "function", objects: ["area(double precision, text[])"] })])).toContain(
            `FUNCTION "public"."area"(double precision, text[]) TO "a"`,
        );
    });
});
