import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Access, type EntraAdministrator, EntraPostgres, EntraPrincipal } from "../../index";
import {
    administrators,
    alice,
    awkward,
    bob,
    dana,
    guest,
    obrien,
    ordersApi,
    readers,
    writers,
} from "../../local/directory/contoso";
import { changed } from "../../local/engine/local-stack";
import { Deployment, type Program, entraPostgres, inGroup, may, smallest } from "../support/deployment";

let deployment: Deployment;

beforeEach(async () => {
    deployment = await Deployment.start();
});

afterEach(async () => {
    await deployment.stop();
});

/** Runs SQL as an administrator. */
async function administer(sql: string, database = "orders"): Promise<unknown[]> {
    return deployment.query(dana, administrators.displayName, database, sql);
}

describe("access on the real engine", () => {
    it("gives each profile its rights and no more, on what is there and on what comes later", async () => {
        await deployment.up(entraPostgres({ databases: [{ name: "orders" }, { name: "billing" }] }));
        await administer("CREATE TABLE before (id int); INSERT INTO before VALUES (1)");
        await administer("CREATE TABLE invoices (id int)", "billing");
        await deployment.up(
            entraPostgres({
                databases: [{ name: "orders" }, { name: "billing" }],
                access: [
                    may(readers.displayName, "Reader"),
                    may(writers.displayName, "Writer"),
                    may(awkward.displayName, "Owner"),
                ],
            }),
        );
        await administer("CREATE TABLE after (id serial)");

        const as = {
            reader: (sql: string, database = "orders") => deployment.query(alice, readers.displayName, database, sql),
            writer: (sql: string, database = "orders") =>
                deployment.query(ordersApi, writers.displayName, database, sql),
            owner: (sql: string, database = "orders") => deployment.query(obrien, awkward.displayName, database, sql),
        };
        for (const table of ["before", "after"]) {
            for (const who of Object.values(as)) await who(`SELECT * FROM ${table}`);
            await as.writer(`INSERT INTO ${table} VALUES (2); UPDATE ${table} SET id = 3; DELETE FROM ${table}`);
            for (const refused of [
                `INSERT INTO ${table} VALUES (1)`,
                `UPDATE ${table} SET id = 1`,
                `DELETE FROM ${table}`,
            ]) {
                await expect(as.reader(refused)).rejects.toThrow(/permission denied/);
            }
            for (const who of [as.reader, as.writer])
                await expect(who(`TRUNCATE ${table}`)).rejects.toThrow(/permission denied/);
            await as.owner(`TRUNCATE ${table}`);
        }
        for (const who of [as.reader, as.writer]) {
            await expect(who("CREATE TABLE mine (id int)")).rejects.toThrow(/permission denied/);
            await expect(who("CREATE TEMPORARY TABLE mine (id int)")).rejects.toThrow(/permission denied/);
            await expect(who(`SET ROLE "${administrators.displayName}"`)).rejects.toThrow(/permission denied/);
        }
        await as.owner("CREATE TABLE theirs (id int)");
        for (const who of Object.values(as)) {
            await expect(who("SELECT * FROM invoices", "billing")).rejects.toThrow(/permission denied for database/);
        }
    }, 90_000);

    it("takes access away again, and leaves the principal's role only while it has some", async () => {
        const both = entraPostgres({
            access: [may(readers.displayName, "Reader"), may(writers.displayName, "Writer")],
        });
        await deployment.up(both);
        await deployment.up(entraPostgres({ access: [may(writers.displayName, "Writer")] }));
        expect(deployment.stepsOn("EntraPrincipal")).toEqual([
            expect.objectContaining({ operation: "delete", name: `orders-${readers.displayName}` }),
        ]);
        await expect(deployment.query(alice, readers.displayName, "orders", "SELECT 1")).rejects.toThrow(
            /password authentication failed/,
        );
        await deployment.query(ordersApi, writers.displayName, "orders", "SELECT 1");
        const quiet = await deployment.preview(entraPostgres({ access: [may(writers.displayName, "Writer")] }));
        expect(changed(quiet.changes), quiet.text).toBe(0);
    }, 60_000);

    it("leaves administrators all rights on their databases", async () => {
        await deployment.up(
            entraPostgres({
                administrators: [
                    { type: "Group", name: administrators.displayName },
                    { type: "User", name: guest.userPrincipalName },
                ],
            }),
        );
        await administer("CREATE SCHEMA by_owner");
        await deployment.query(guest, guest.userPrincipalName, "orders", "CREATE SCHEMA by_other");
    }, 60_000);

    it("keeps a membership while another entry asks for it, wherever the principal's access moves", async () => {
        const principal = { type: "User" as const, name: bob.userPrincipalName };
        const memberIn = (database: string): Access => ({
            principal,
            database,
            profile: "Custom",
            memberOf: [readers.displayName],
        });
        const databases = [{ name: "orders" }, { name: "billing" }];
        const program = (...access: Access[]): Program =>
            entraPostgres({ databases, access: [may(readers.displayName, "Reader"), ...access] });
        const isMember = () =>
            administer(
                `SELECT pg_has_role('${bob.userPrincipalName}', '${readers.displayName}', 'MEMBER') AS member`,
                "postgres",
            );
        await deployment.up(program(memberIn("orders"), memberIn("billing")));
        const { resources = [] } = (await deployment.automation.exportStack()).deployment as {
            resources?: { urn: string; dependencies?: string[] }[];
        };
        const urnOf = (name: string): string | undefined => resources.find(({ urn }) => urn.endsWith(`::${name}`))?.urn;
        const membership = resources.find(({ urn }) => urn.endsWith(`::orders-memberships/${principal.name}`));
        expect(membership?.dependencies).toContain(urnOf(`orders-${readers.displayName}`));
        for (const database of ["orders", "billing"]) {
            await deployment.up(program(memberIn(database)));
            expect(await isMember(), database).toEqual([{ member: true }]);
        }
        const quiet = await deployment.preview(program(memberIn("billing")));
        expect(changed(quiet.changes), quiet.text).toBe(0);
        await deployment.up(program({ principal, database: "billing", profile: "Reader" }));
        expect(await isMember()).toEqual([{ member: false }]);
    }, 90_000);

    it("takes users, guests, applications and names that need quoting everywhere", async () => {
        const access: Access[] = [
            { principal: { type: "User", name: bob.userPrincipalName }, database: "orders", profile: "Reader" },
            { principal: { type: "User", name: guest.userPrincipalName }, database: "orders", profile: "Reader" },
            {
                principal: { type: "ServicePrincipal", name: "api / näme", objectId: ordersApi.objectId },
                database: "orders",
                profile: "Writer",
            },
            may(awkward.displayName, "Reader"),
        ];
        const program = entraPostgres({ access });
        await deployment.up(program);
        for (const [who, user] of [
            [bob, bob.userPrincipalName],
            [guest, guest.userPrincipalName],
            [ordersApi, "api / näme"],
            [obrien, awkward.displayName],
        ] as const) {
            expect(await deployment.query(who, user, "orders", "SELECT current_user AS me")).toEqual([{ me: user }]);
        }
        const refreshed = await deployment.refresh();
        expect(changed(refreshed.changes), refreshed.text).toBe(0);
        const quiet = await deployment.preview(program);
        expect(changed(quiet.changes), quiet.text).toBe(0);
    }, 60_000);

    it("lets members sign in as themselves alone when group sync is on and says so", async () => {
        await deployment.up(
            entraPostgres({
                groupSync: true,
                access: [
                    {
                        ...may(readers.displayName, "Reader"),
                        principal: { type: "Group", name: readers.displayName, loginAs: "MembersOnly" },
                    },
                ],
            }),
        );
        await deployment.server.instance.syncGroups();
        expect(await deployment.query(alice, alice.userPrincipalName, "orders", "SELECT current_user AS me")).toEqual([
            { me: alice.userPrincipalName },
        ]);
        await expect(deployment.query(alice, readers.displayName, "orders", "SELECT 1")).rejects.toThrow(
            /not permitted to log in/,
        );
        await expect(deployment.up(entraPostgres({ groupSync: true }))).rejects.toThrow(
            /isn't dropped while group sync is on/,
        );
    }, 60_000);

    it("notices what was changed behind its back, and puts it right", async () => {
        const program = entraPostgres({ access: [may(readers.displayName, "Reader")] });
        await deployment.up(program);
        await administer(
            `ALTER ROLE "${readers.displayName}" NOLOGIN; REVOKE CONNECT ON DATABASE orders FROM "${readers.displayName}"`,
        );
        await deployment.refresh();
        await deployment.up(program);
        expect(deployment.steps.map((step) => step.operation)).toEqual(["update", "update"]);
        await deployment.query(alice, readers.displayName, "orders", "SELECT 1");

        await administer(`DROP OWNED BY "${readers.displayName}"; DROP ROLE "${readers.displayName}"`);
        await deployment.refresh();
        await deployment.up(program);
        await deployment.query(alice, readers.displayName, "orders", "SELECT 1");
    }, 60_000);

    it("imports a principal that was made by hand, and then shows no change", async () => {
        await deployment.automation.setConfig("entra-postgres:signInAs", { value: administrators.displayName });
        await deployment.up(entraPostgres());
        await administer(`SELECT pgaadauth_create_principal('${bob.userPrincipalName}', false, true)`, "postgres");
        const program = (id?: string): Program =>
            inGroup((resourceGroupName) => {
                const orders = new EntraPostgres("orders", { ...smallest, resourceGroupName });
                const { serverName } = orders.server;
                new EntraPrincipal(
                    "bob",
                    {
                        serverName,
                        name: bob.userPrincipalName,
                        type: "User",
                        objectId: bob.objectId,
                        isMfa: true,
                        signInAs: administrators.displayName,
                    },
                    { dependsOn: [orders], ...(id !== undefined && { import: `${serverName}/${id}` }) },
                );
                return { host: orders.host };
            });
        await deployment.up(program(bob.userPrincipalName));
        expect(deployment.stepsOn("EntraPrincipal")).toEqual([expect.objectContaining({ operation: "import" })]);
        const quiet = await deployment.preview(program());
        expect(changed(quiet.changes), quiet.text).toBe(0);
    }, 60_000);

    it("needs neither the database nor a token for a preview", async () => {
        const program = entraPostgres({ access: [may(readers.displayName, "Reader")] });
        await deployment.up(program);
        await deployment.server.instance.kill();
        const [issued, attempts] = [deployment.emulation.issuer.issued, deployment.emulation.gateway.attempts.length];
        await deployment.preview(
            entraPostgres({ access: [may(readers.displayName, "Writer"), may(writers.displayName, "Reader")] }),
        );
        expect(deployment.emulation.issuer.issued).toBe(issued);
        expect(deployment.emulation.gateway.attempts.length).toBe(attempts);
    }, 60_000);
});

describe("administrators on the real engine", () => {
    const group: EntraAdministrator = { type: "Group", name: administrators.displayName };
    const user: EntraAdministrator = { type: "User", name: dana.userPrincipalName };
    const application: EntraAdministrator = {
        type: "ServicePrincipal",
        name: ordersApi.displayName,
        objectId: ordersApi.objectId,
    };

    it("are a set: adding or removing one touches no other", async () => {
        await deployment.up(entraPostgres({ administrators: [group, user] }));
        await deployment.up(entraPostgres({ administrators: [group, user, application] }));
        expect(deployment.stepsOn("AdministratorsMicrosoftEntra")).toEqual([
            expect.objectContaining({ operation: "create", name: `orders-${ordersApi.displayName}` }),
        ]);
        await deployment.up(entraPostgres({ administrators: [group, application] }));
        expect(deployment.stepsOn("AdministratorsMicrosoftEntra")).toEqual([
            expect.objectContaining({ operation: "delete", name: `orders-${dana.userPrincipalName}` }),
        ]);
        expect(
            await deployment.query(ordersApi, ordersApi.displayName, "postgres", "SELECT current_user AS me"),
        ).toEqual([{ me: ordersApi.displayName }]);
    }, 60_000);

    it("are warned about when a single user is the only one", async () => {
        await deployment.preview(entraPostgres({ administrators: [user] }));
        expect(deployment.warnings.join("\n")).toContain("single user is the only administrator");
    }, 60_000);

    it.each([
        ["a name that the directory doesn't have", { type: "Group", name: "Prod DB Admin" }, /No group found matching/],
        [
            "a display name that isn't unique",
            { type: "ServicePrincipal", name: "duplicate-name" },
            /Found multiple service principals/,
        ],
    ] as const)(
        "are refused at preview for %s",
        async (_, administrator, message) => {
            await expect(deployment.preview(entraPostgres({ administrators: [administrator] }))).rejects.toThrow(
                message,
            );
        },
        60_000,
    );

    it("catch an application id given for an object id: beside it, in the directory, and by the service", async () => {
        const wrong = { ...application, objectId: ordersApi.applicationId };
        await expect(
            deployment.preview(
                entraPostgres({ administrators: [group, { ...wrong, applicationId: ordersApi.applicationId }] }),
            ),
        ).rejects.toThrow(/application \(client\) id/);
        await expect(
            deployment.preview(entraPostgres({ administrators: [group, wrong], verifyInDirectory: true })),
        ).rejects.toThrow(new RegExp(`application \\(client\\) id of orders-api: use ${ordersApi.objectId}`));
        await expect(deployment.up(entraPostgres({ administrators: [group, wrong] }))).rejects.toThrow(
            /isn't found in the tenant/,
        );
    }, 60_000);
});
