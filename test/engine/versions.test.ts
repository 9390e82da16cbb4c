import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PostgresqlVersion } from "../../index";
import {
    administrators,
    alice,
    awkward,
    bob,
    dana,
    obrien,
    ordersApi,
    readers,
    writers,
} from "../../local/directory/contoso";
import { changed } from "../../local/engine/local-stack";
import { Deployment, entraPostgres, may, smallest } from "../support/deployment";

let deployment: Deployment;

beforeEach(async () => {
    deployment = await Deployment.start();
});

afterEach(async () => {
    await deployment.stop();
});

// Version 17 is what every other test runs on.
const versions: PostgresqlVersion[] = ["14", "15", "16", "18"];

describe.each(versions)("PostgreSQL %s", (version) => {
    it("has the same profiles, also where PUBLIC could once create in public and where MAINTAIN didn't exist", async () => {
        const program = entraPostgres({
            server: { ...smallest.server, version },
            access: [
                may(readers.displayName, "Reader"),
                may(writers.displayName, "Writer"),
                may(awkward.displayName, "Owner"),
                {
                    principal: { type: "User", name: bob.userPrincipalName },
                    database: "orders",
                    profile: "Custom",
                    memberOf: [readers.displayName],
                },
            ],
        });
        await deployment.up(program);
        const administer = (sql: string) => deployment.query(dana, administrators.displayName, "orders", sql);
        const reader = (sql: string) => deployment.query(alice, readers.displayName, "orders", sql);
        const writer = (sql: string) => deployment.query(ordersApi, writers.displayName, "orders", sql);
        const owner = (sql: string) => deployment.query(obrien, awkward.displayName, "orders", sql);

        expect(await administer("SELECT current_setting('server_version_num')::int / 10000 AS major")).toEqual([
            { major: Number(version) },
        ]);
        await administer("CREATE TABLE invoices (id int)");
        await writer("INSERT INTO invoices VALUES (1)");
        expect(await reader("SELECT id FROM invoices")).toEqual([{ id: 1 }]);
        await expect(reader("DELETE FROM invoices")).rejects.toThrow(/permission denied/);
        for (const who of [reader, writer]) {
            await expect(who("CREATE TABLE mine (id int)")).rejects.toThrow(/permission denied for schema public/);
        }
        expect(await deployment.query(bob, bob.userPrincipalName, "orders", "SELECT id FROM invoices")).toHaveLength(1);
        await owner("CREATE TABLE theirs (id int)");
        const maintains = await administer(
            `SELECT 1 FROM pg_class, aclexplode(relacl) WHERE relname = 'invoices' AND privilege_type = 'MAINTAIN'
                AND grantee = ${pg.escapeLiteral(pg.escapeIdentifier(awkward.displayName))}::regrole`,
        );
        expect(maintains).toHaveLength(Number(version) >= 17 ? 1 : 0);

        const quiet = await deployment.preview(program);
        expect(changed(quiet.changes), quiet.text).toBe(0);
        await deployment.destroy();
    }, 90_000);
});
