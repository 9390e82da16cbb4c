import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { administrators, bob, readers } from "../../local/directory/contoso";
import { EmulatedServer, calls } from "../support/emulated-server";

let server: EmulatedServer;

// One server for all: the library caches a managed identity's token for the life of the process.
beforeAll(async () => {
    server = await EmulatedServer.start();
});

afterEach(async () => {
    server.gateway.reset();
    const engine = calls(await server.provider());
    const rows = await server.query("SELECT rolname FROM pgaadauth_standin.principal WHERE NOT is_admin");
    for (const { rolname } of rows) await engine.delete({ name: rolname, type: "User" });
    await server.closeProviders();
    server.gateway.reset();
});

afterAll(async () => {
    await server.stop();
});

const group = { name: readers.displayName, type: "Group" };

async function count(name: string): Promise<number> {
    return (await server.query("SELECT FROM pgaadauth_standin.principal WHERE rolname = $1", [name])).length;
}

describe("a principal is made once and only once", () => {
    it.each(["before-startup", "after-startup", "after-commit-before-reply"] as const)(
        "when the connection is cut %s",
        async (moment) => {
            server.gateway.cutNext(moment);
            await calls(await server.provider()).create({ ...group, adopt: false });
            expect(await count(group.name)).toBe(1);
        },
    );

    it("when the server is full for a while", async () => {
        server.gateway.refuseNext(3, { code: "53300", message: "sorry, too many clients already" });
        await calls(await server.provider()).create(group);
        expect(await count(group.name)).toBe(1);
    });

    it("when the database restarts in between", async () => {
        const engine = calls(await server.provider());
        await engine.create(group);
        await server.instance.kill();
        const work = engine.create({ name: bob.userPrincipalName, type: "User" });
        await new Promise((resolve) => setTimeout(resolve, 500));
        await server.instance.restart();
        await work;
        expect(await count(group.name)).toBe(1);
        expect(await count(bob.userPrincipalName)).toBe(1);
    });

    it("when Entra takes a while to show a new object", async () => {
        const objectId = "0b1ec700-0000-4000-8000-0000000000ff";
        server.instance.directory.add(
            { type: "User", objectId, userPrincipalName: "new@contoso.com", displayName: "New" },
            { replicationDelay: 1500 },
        );
        await calls(await server.provider()).create({ name: "new@contoso.com", type: "User", objectId });
        expect(await count("new@contoso.com")).toBe(1);
    });

    it("when the token endpoint fails and tokens are short-lived", async () => {
        server.issuer.failNext(1);
        server.issuer.setLifetime(120);
        await calls(await server.provider()).create(group);
        expect(await count(group.name)).toBe(1);
    });

    it("when several deployments make it at the same time", async () => {
        const providers = await Promise.all([1, 2, 3, 4].map(() => server.provider()));
        await Promise.all(providers.map((provider) => calls(provider).create(group)));
        expect(await count(group.name)).toBe(1);
    });
});

describe("a principal is changed", () => {
    it("when somebody else changes the same role at the same time, which PostgreSQL refuses", async () => {
        const engine = calls(await server.provider());
        await engine.create(group);
        // Holds the role's row until the provider waits for it; then the provider fails with what is passed over here.
        const other = server.query(
            `BEGIN; ALTER ROLE ${pg.escapeIdentifier(group.name)} CONNECTION LIMIT 7; SELECT pg_sleep(1.5); COMMIT`,
        );
        await new Promise((resolve) => setTimeout(resolve, 300));
        await engine.update(group, { ...group, canLogin: false });
        await other;
        const [row] = await server.query("SELECT rolcanlogin, rolconnlimit FROM pg_roles WHERE rolname = $1", [
            group.name,
        ]);
        expect(row).toEqual({ rolcanlogin: false, rolconnlimit: 7 });
    });
});

describe("the provider", () => {
    it("stops waiting at once when the deployment is cancelled", async () => {
        const cancelled = new AbortController();
        server.gateway.refuseNext(1000, { code: "53300", message: "sorry, too many clients already" });
        const work = calls(await server.provider(), { signal: cancelled.signal }).create(group);
        setTimeout(() => {
            cancelled.abort();
        }, 300);
        const started = Date.now();
        await expect(work).rejects.toThrow(/cancelled/);
        expect(Date.now() - started).toBeLessThan(2000);
    });

    it("keeps to its connections however much there is to do", async () => {
        const engine = calls(await server.provider({ maxConnectionsPerServer: "8" }));
        const names = Array.from({ length: 60 }, (_, i) => `principal ${String(i)}`);
        await Promise.all(names.map((name) => engine.create({ name, type: "User", objectId: bob.objectId })));
        await Promise.all(names.map((name) => engine.delete({ name, type: "User", objectId: bob.objectId })));
        expect(server.gateway.mostConnections("orders.postgres.database.azure.com")).toBeLessThanOrEqual(8);
    });

    it("says what a refused sign-in means, and never shows a token", async () => {
        const impatient = calls(await server.provider({ patience: "0" }));
        const failure = await impatient
            .create({ ...group, signInAs: "nobody" })
            .then(() => undefined)
            .catch((error: unknown) => String(error));
        expect(failure).toMatch(/password authentication failed for user "nobody".*Role names are exact/s);
        expect(failure).not.toMatch(/eyJ/);
    });

    it("names the administrator it signs in as when the server can't be reached", async () => {
        const lost = calls(await server.provider({ port: "1", patience: "0" }));
        await expect(lost.create(group)).rejects.toThrow(
            new RegExp(
                `orders.postgres.database.azure.com as "${administrators.displayName}".*can't be reached from here`,
                "s",
            ),
        );
    });
});
