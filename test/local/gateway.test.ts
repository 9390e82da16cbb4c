import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
    administrators,
    alice,
    awkward,
    bob,
    contoso,
    dana,
    deployer,
    obrien,
    ordersApi,
    readers,
} from "../../local/directory/contoso";
import { Gateway } from "../../local/gateway/gateway";
import { PostgresInstance } from "../../local/postgresql/instance";
import { type TokenRequest, TokenIssuer } from "../../local/tokens/issuer";

const host = "orders.postgres.database.azure.com";
let runDirectory: string;
let instance: PostgresInstance;
let issuer: TokenIssuer;
let gateway: Gateway;

beforeAll(async () => {
    runDirectory = await mkdtemp(join(tmpdir(), "ep-"));
    const directory = contoso();
    instance = await PostgresInstance.start({ serverName: "orders", directory, runDirectory });
    issuer = await TokenIssuer.start(directory);
    gateway = await Gateway.start({ issuer, instanceFor: (name) => (name === host ? instance : undefined) });
    await instance.setEntraAuthentication(true);
    await instance.createAdministrator({
        objectId: administrators.objectId,
        principalName: administrators.displayName,
        principalType: "Group",
    });
    await instance.createDatabase("orders", { charset: "UTF8", collation: "en_US.utf8" });
    await using(deployer, administrators.displayName, "postgres", async (client) => {
        for (const [name, object] of [
            [readers.displayName, readers],
            [awkward.displayName, awkward],
            [alice.userPrincipalName, alice],
            [ordersApi.displayName, ordersApi],
        ] as const) {
            const type = { User: "user", Group: "group", ServicePrincipal: "service" }[object.type];
            await client.query("SELECT pgaadauth_create_principal_with_oid($1, $2, $3, false, false)", [
                name,
                object.objectId,
                type,
            ]);
        }
    });
});

afterAll(async () => {
    await gateway.stop();
    await issuer.stop();
    await instance.stop();
    await rm(runDirectory, { recursive: true, force: true });
});

function clientFor(user: string, password: string, database = "orders", options: pg.ClientConfig = {}): pg.Client {
    const client = new pg.Client({
        host: "127.0.0.1",
        port: gateway.port,
        user,
        password,
        database,
        ssl: { ca: gateway.certificates.root, servername: host },
        ...options,
    });
    client.on("error", () => undefined);
    return client;
}

async function using<T>(
    who: { objectId: string },
    user: string,
    database: string,
    work: (client: pg.Client) => Promise<T>,
    token: Partial<TokenRequest> = {},
): Promise<T> {
    const client = clientFor(user, await issuer.issue({ objectId: who.objectId, ...token }), database);
    await client.connect();
    try {
        return await work(client);
    } finally {
        await client.end();
    }
}

async function currentUser(client: pg.Client): Promise<string> {
    return (await client.query<{ current_user: string }>("SELECT current_user")).rows[0]?.current_user ?? "";
}

describe("the gateway", () => {
    it.each([readers.displayName, awkward.displayName])(
        "lets a member of group %s in under the group's name",
        async (name) => {
            const member = name === readers.displayName ? alice : obrien;
            expect(await using(member, name, "orders", currentUser)).toBe(name);
        },
    );

    it.each<[string, { objectId: string }, string, Partial<TokenRequest>, RegExp]>([
        [
            "who is no member",
            bob,
            readers.displayName,
            {},
            /not valid for role Prod DB Readonly \(does not contain group ID/,
        ],
        ["whose token has expired", alice, readers.displayName, { lifetime: -60 }, /The access token has expired/],
        [
            "whose token is for Resource Manager",
            alice,
            readers.displayName,
            { audience: "https://management.azure.com" },
            /doesn't have a valid audience claim/,
        ],
        [
            "whose token is another cloud's",
            alice,
            readers.displayName,
            { cloud: "China" },
            /doesn't have a valid audience claim/,
        ],
        [
            "of another tenant",
            alice,
            readers.displayName,
            { tenantId: "00000000-0000-4000-8000-000000000000" },
            /password authentication failed for user "Prod DB Readonly"/,
        ],
        [
            "who writes the name in another case",
            alice,
            "prod db readonly",
            {},
            /password authentication failed for user "prod db readonly"/,
        ],
        ["without a role", bob, bob.userPrincipalName, {}, /password authentication failed for user "bob@contoso.com"/],
        ["who uses another user's role", bob, alice.userPrincipalName, {}, /password authentication failed/],
        [
            "who is a user on an application's role",
            alice,
            ordersApi.displayName,
            {},
            /Service principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens/,
        ],
        [
            "that is an application on a user's role",
            ordersApi,
            alice.userPrincipalName,
            {},
            /is neither an AAD_AUTH_TOKENTYPE_APP_USER/,
        ],
        ["that is another application", deployer, ordersApi.displayName, {}, /Service principal oid mismatch/],
    ])("refuses one %s", async (_, who, user, token, message) => {
        await expect(using(who, user, "orders", currentUser, token)).rejects.toThrow(message);
    });

    it("refuses a password that is no token", async () => {
        await expect(clientFor(readers.displayName, "secret").connect()).rejects.toThrow(/validating the access token/);
    });

    it("refuses a client without TLS, and a host that it doesn't know", async () => {
        const token = await issuer.issue({ objectId: alice.objectId });
        await expect(clientFor(readers.displayName, token, "orders", { ssl: false }).connect()).rejects.toThrow(
            /no encryption/,
        );
        const ssl = { ca: gateway.certificates.root, servername: "other.postgres.database.azure.com" };
        await expect(clientFor(readers.displayName, token, "orders", { ssl }).connect()).rejects.toThrow(
            /no server of this gateway/,
        );
    });

    it("lets passwords in only while password authentication is on", async () => {
        await instance.setLogin("keeper", "S3cret-enough'\\");
        const keeper = (): pg.Client => clientFor("keeper", "S3cret-enough'\\");
        await expect(keeper().connect()).rejects.toThrow(/password authentication failed for user "keeper"/);
        instance.setPasswordAuthentication(true);
        const client = keeper();
        await client.connect();
        expect(await currentUser(client)).toBe("keeper");
        await client.end();
        await expect(clientFor("keeper", "wrong").connect()).rejects.toThrow(/password authentication failed/);
        instance.setPasswordAuthentication(false);
    });

    it("takes SECURITY LABEL as a statement of its own, and refuses it to those who are no administrators", async () => {
        await using(dana, administrators.displayName, "postgres", async (client) => {
            await client.query(`CREATE ROLE "back\\slash" LOGIN`);
            const label = `aadauth,oid=${bob.objectId},type=user`;
            await client.query(`SECURITY LABEL FOR "pgaadauth" ON ROLE "back\\slash" IS '${label}'`);
            await client.query({
                text: `SECURITY LABEL FOR pgaadauth ON ROLE "back\\slash" IS '${label}'`,
                values: [],
            });
            const { rows } = await client.query(
                "SELECT label FROM pg_seclabels WHERE provider = 'pgaadauth' AND objname = $1",
                [`"back\\slash"`],
            );
            expect(rows).toEqual([{ label }]);
        });
        await expect(
            using(alice, readers.displayName, "postgres", (client) =>
                client.query(`SECURITY LABEL FOR pgaadauth ON ROLE "Prod DB Readonly" IS 'aadauth,admin'`),
            ),
        ).rejects.toThrow(/only Microsoft Entra administrators/);
        await expect(
            using(alice, readers.displayName, "postgres", (client) =>
                client.query("SELECT pgaadauth_create_principal('bob@contoso.com', true, false)"),
            ),
        ).rejects.toThrow(/permission denied/);
    });

    it("lets an administrator do what the components need", async () => {
        await using(dana, administrators.displayName, "orders", async (client) => {
            await client.query(`GRANT CONNECT ON DATABASE orders TO "Prod DB Readonly"`);
            await client.query(`GRANT USAGE ON SCHEMA public TO "Prod DB Readonly"`);
            await client.query(`CREATE TABLE public.things (id int)`);
            await client.query(
                `ALTER DEFAULT PRIVILEGES FOR ROLE "Prod DB Admins" IN SCHEMA public GRANT SELECT ON TABLES TO "Prod DB Readonly"`,
            );
            await client.query(`GRANT CREATE ON SCHEMA public TO "orders-api"`);
            await client.query(`SET ROLE "orders-api"`);
            await client.query(`CREATE TABLE public.owned (id int)`);
            await client.query(`RESET ROLE`);
            await client.query(`REASSIGN OWNED BY "orders-api" TO "Prod DB Admins"`);
            await client.query(`DROP OWNED BY "orders-api"`);
            await client.query(`DROP TABLE public.things, public.owned`);
        });
    });

    it.skipIf(spawnSync("psql", ["--version"]).status !== 0)(
        "serves psql with verify-full, and a cancel request ends its query",
        async () => {
            const token = await issuer.issue({ objectId: alice.objectId });
            const ca = join(runDirectory, "root.pem");
            await writeFile(ca, gateway.certificates.root);
            const conninfo = `host=${host} hostaddr=127.0.0.1 port=${String(gateway.port)} dbname=postgres user='Prod DB Readonly' sslmode=verify-full sslrootcert=${ca}`;
            const environment = { env: { ...process.env, PGPASSWORD: token } };
            const psql = promisify(execFile);
            const { stdout } = await psql("psql", [conninfo, "-Atc", "SELECT current_user"], environment);
            expect(stdout.trim()).toBe("Prod DB Readonly");

            const sleeping = psql("psql", [conninfo, "-Atc", "SELECT pg_sleep(60)"], environment);
            setTimeout(() => sleeping.child.kill("SIGINT"), 500);
            await expect(sleeping).rejects.toThrow(/canceling statement due to user request/);
        },
    );

    it("survives a client that speaks nonsense", async () => {
        const { connect } = await import("node:net");
        await new Promise<void>((resolve) => {
            const socket = connect(gateway.port, "127.0.0.1", () => socket.end("GET / HTTP/1.1\r\n\r\n"));
            socket.on("close", () => {
                resolve();
            });
            socket.resume();
        });
        expect(await using(alice, readers.displayName, "orders", currentUser)).toBe(readers.displayName);
    });
});
