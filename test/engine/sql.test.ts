import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scriptFor } from "../../commands/sql/script";
import { wantedBy } from "../../commands/preview-json";
import type { Access } from "../../index";
import { administrators, alice, awkward, bob, dana, ordersApi, readers } from "../../local/directory/contoso";
import { catalogOf } from "../support/catalog";
import { Deployment, entraPostgres } from "../support/deployment";
import { previewJson } from "../support/preview-json";

const access: Access[] = [
    { principal: { type: "Group", name: readers.displayName }, database: "orders", profile: "Reader" },
    { principal: { type: "Group", name: awkward.displayName }, database: "orders", profile: "Owner" },
    { principal: { type: "User", name: `b\\o"b:'x'`, objectId: bob.objectId }, database: "billing", profile: "Writer" },
    {
        principal: { type: "ServicePrincipal", name: "api", objectId: ordersApi.objectId },
        database: "billing",
        profile: "Custom",
        tablePrivileges: ["SELECT"],
        memberOf: [readers.displayName],
    },
    {
        principal: { type: "User", name: "alice", objectId: alice.objectId },
        database: "orders",
        profile: "Reader",
        objectOwners: ["migrations"],
    },
];
const databases = [{ name: "orders" }, { name: "billing" }];
const whole = entraPostgres({ databases, access });

let deployed: Deployment;
let scripted: Deployment;

beforeAll(async () => {
    [deployed, scripted] = await Promise.all([Deployment.start(), Deployment.start()]);
}, 60_000);

afterAll(async () => {
    await deployed.stop();
    await scripted.stop();
});

describe("entra-postgres sql", () => {
    it.skipIf(spawnSync("psql", ["--version"]).status !== 0)(
        "makes by script what up makes, and nothing more the second time",
        async () => {
            for (const deployment of [deployed, scripted]) {
                await deployment.up(
                    entraPostgres({ databases: databases.map((each) => ({ ...each, publicAccess: "Kept" })) }),
                );
                // Whoever makes a role may give it away, and may not act as it.
                await deployment.query(dana, administrators.displayName, "postgres", "CREATE ROLE migrations");
            }
            await deployed.up(whole);
            await scripted.preview(whole);
            const script = scriptFor(scripted.wanted);
            const file = join(scripted.emulation.runDirectory, "script.sql");
            await writeFile(file, script);

            const [server] = scripted.emulation.resourceManager.list("dbforpostgresql:Server");
            const run = async (): Promise<void> => {
                await promisify(execFile)(
                    "psql",
                    [
                        `host=${String(server?.computed["fullyQualifiedDomainName"])} hostaddr=127.0.0.1 ` +
                            `port=${String(scripted.emulation.gateway.port)} user='${administrators.displayName}' dbname=postgres sslmode=require`,
                        ...["--no-psqlrc", "--quiet", "--file", file],
                    ],
                    { env: { ...process.env, PGPASSWORD: await scripted.emulation.issuer.issue(dana) } },
                );
            };
            await run();
            expect(await catalogOf(scripted, ["orders", "billing"])).toEqual(
                await catalogOf(deployed, ["orders", "billing"]),
            );
            await run();
            expect(await catalogOf(scripted, ["orders", "billing"])).toEqual(
                await catalogOf(deployed, ["orders", "billing"]),
            );
            expect(script).not.toMatch(/password|eyJ/i);
        },
        120_000,
    );

    it("says what it wants when it gets something else", () => {
        expect(() => wantedBy("hello")).toThrow("Give what `pulumi preview --json --show-sames` prints");
        expect(() => wantedBy("null")).toThrow("Give what `pulumi preview --json --show-sames` prints");
        expect(wantedBy(JSON.stringify({ steps: [{ op: "delete", newState: { type: "t" } }] }))).toEqual([]);
    });

    it("refuses a preview that leaves unchanged resources out, and takes one that shows them", async () => {
        const program = entraPostgres({ databases, access: access.slice(0, 1) });
        const stack = await Deployment.start();
        try {
            await stack.up(program);
            const part = await previewJson(stack, program);
            expect(() => wantedBy(part)).toThrow(/leaves out \d+ unchanged resources.*--show-sames/);
            const all = await previewJson(stack, program, "--show-sames");
            expect(scriptFor(wantedBy(all))).toContain(readers.displayName);
        } finally {
            await stack.stop();
        }
    }, 60_000);

    it("stops at a role that stands for something else, and refuses two servers at once", () => {
        const principal = (serverName: string) => ({
            type: "entra-postgres:index:EntraPrincipal",
            inputs: { serverName, name: "a", type: "User", objectId: bob.objectId, signInAs: "admins" },
        });
        expect(scriptFor([principal("orders")])).toContain("stands for something else");
        expect(() => scriptFor([principal("orders"), principal("billing")])).toThrow(/several servers/);
    });
});
