import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SignJWT } from "jose";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAzureServer } from "../../commands/doctor/azure-server";
import { type Cause, causes } from "../../commands/doctor/causes";
import { type Diagnosis, type Question, examine } from "../../commands/doctor/examine";
import { clouds, serverHost } from "../../components/clouds";
import { analysisFromAzure } from "../../components/network/analysis/egress-analysis";
import {
    administrators,
    alice,
    bob,
    contoso,
    dana,
    deployer,
    guest,
    obrien,
    ordersApi,
    readers,
} from "../../local/directory/contoso";
import type { Group } from "../../local/directory/directory";
import { makeCertificates } from "../../local/gateway/certificate";
import type { TokenRequest } from "../../local/tokens/issuer";
import { startDnsServer } from "../support/dns-server";
import { EmulatedServer } from "../support/emulated-server";
import { denyOutbound } from "../support/security-rules";
import { usualQuestion } from "../support/doctor-question";
import { closedPort, listen, listenWithTls, silentPort } from "../support/listeners";

const host = serverHost("orders");
const entraHosts = { "login.microsoftonline.com": ["20.190.151.8"], "graph.microsoft.com": ["20.190.152.24"] };
const hour = 3600;

let server: EmulatedServer;
let certificateFile: string;

beforeAll(async () => {
    server = await EmulatedServer.start();
    certificateFile = join(server.directory, "root.pem");
    await writeFile(certificateFile, server.gateway.certificates.root);
    const principals = [readers, bob, guest, ordersApi].map((object) => ({
        name: "userPrincipalName" in object ? object.userPrincipalName : object.displayName,
        objectId: object.objectId,
        type: { User: "user", Group: "group", ServicePrincipal: "service" }[object.type],
    }));
    for (const { name, objectId, type } of principals) {
        await server.query("SELECT pgaadauth_create_principal_with_oid($1, $2, $3, false, false)", [
            name,
            objectId,
            type,
        ]);
    }
    await server.query("CREATE ROLE plain LOGIN");
    await server.query("CREATE ROLE writers_of_app NOLOGIN");
    const names = principals.map(({ name }) => pg.escapeIdentifier(name)).join(", ");
    await server.query(
        `REVOKE ALL ON DATABASE orders FROM PUBLIC;
         GRANT CONNECT ON DATABASE orders TO ${names}, plain;
         CREATE SCHEMA app AUTHORIZATION azure_pg_admin;
         CREATE TABLE app.parcels (id int);
         CREATE TABLE app.secrets (id int);
         ALTER TABLE app.parcels OWNER TO azure_pg_admin;
         ALTER TABLE app.secrets OWNER TO azure_pg_admin;
         GRANT USAGE ON SCHEMA app TO ${names};
         GRANT SELECT ON app.parcels TO ${names};
         GRANT INSERT ON app.parcels TO writers_of_app`,
        undefined,
        "orders",
    );
}, 60_000);

afterAll(async () => {
    await server.stop();
});

/** Who signs in, with what token, asking what. */
interface Case extends Partial<Question> {
    who?: { objectId: string };
    token?: Partial<TokenRequest>;
}

/** Asks about alice as a member of the readers, which works, with what differs. */
async function questionOf({ who = alice, token = {}, ...changed }: Case): Promise<Question> {
    return {
        ...usualQuestion,
        host,
        port: server.gateway.port,
        user: readers.displayName,
        database: "orders",
        rootCertificate: { file: certificateFile, text: server.gateway.certificates.root },
        password: await server.issuer.issue({ objectId: who.objectId, ...token }),
        administrator: administrators.displayName,
        now: Date.now(),
        ...changed,
    };
}

async function diagnose(changed: Case = {}): Promise<Diagnosis> {
    return examine(await questionOf(changed));
}

/** Produces a fault and takes it back in the end. */
type Produce = (during: (changed: Case) => Promise<void>) => Promise<void>;

interface ProducedFault {
    what: string;
    cause: Cause;
    produce: Produce;
}

/** What is as right but less exact, when no administrator can look inside. */
const withoutAdministrator: Partial<Record<Cause, Cause>> = {
    GroupLoginOff: "LoginOff",
    GroupNameNeeded: "SignInRefused",
    GuestName: "SignInRefused",
    LabelMissing: "SignInRefused",
    MemberNotSynced: "SignInRefused",
    ObjectRecreated: "SignInRefused",
    RoleMissing: "SignInRefused",
    RoleNameCase: "SignInRefused",
    RoleNameSpaces: "SignInRefused",
    RoleOfAnotherUser: "SignInRefused",
    TokenInvalid: "TokenNotValidated",
    TokenOlderThanMembership: "NotAMember",
};

const as =
    (changed: Case | (() => Case | Promise<Case>)): Produce =>
    async (during) => {
        await during(typeof changed === "function" ? await changed() : changed);
    };

/** With something that listens here for a while. */
const at =
    <L extends { close(): Promise<void> }>(start: () => Promise<L>, changed: (listener: L) => Case): Produce =>
    async (during) => {
        const listener = await start();
        try {
            await during(changed(listener));
        } finally {
            await listener.close();
        }
    };

/** With these statements run before, and those after. */
const between =
    (before: string, after: string, changed: Case = {}, database = "postgres"): Produce =>
    async (during) => {
        await server.query(before, undefined, database);
        try {
            await during(changed);
        } finally {
            await server.query(after, undefined, database);
        }
    };

const groupSync =
    (produce: Produce): Produce =>
    async (during) => {
        await server.instance.setParameter("pgaadauth.enable_group_sync", "on");
        try {
            await produce(during);
        } finally {
            await server.instance.resetParameter("pgaadauth.enable_group_sync");
            await server.query(`DROP ROLE IF EXISTS "${alice.userPrincipalName}"`);
            await server.query(`ALTER ROLE "${readers.displayName}" LOGIN`);
        }
    };

const byName = (hosts: Record<string, string[]>, changed: Case = {}): Produce =>
    at(
        () => startDnsServer(hosts),
        ({ address }) => ({ hostAddress: undefined, dnsServers: [address], ...changed }),
    );

function altered(token: string): string {
    const [head = "", claims = "", signature = ""] = token.split(".");
    return [head, claims, signature.split("").reverse().join("")].join(".");
}

const group = `"${readers.displayName}"`;

const faults: ProducedFault[] = [
    { what: "a name that DNS doesn't know", cause: "ServerNameUnknown", produce: byName(entraHosts) },
    {
        what: "a name that nobody knows, asked of this machine",
        cause: "ServerNameUnknown",
        produce: as({ hostAddress: undefined, host: "orders.invalid" }),
    },
    {
        what: "a DNS server that is off",
        cause: "DnsSilent",
        produce: async (during) => {
            const dns = await startDnsServer({});
            await dns.close();
            await during({ hostAddress: undefined, dnsServers: [dns.address], timeout: 200 });
        },
    },
    {
        what: "a DNS server that fails",
        cause: "DnsFailed",
        produce: at(
            () => startDnsServer(entraHosts, 2),
            ({ address }) => ({ hostAddress: undefined, dnsServers: [address] }),
        ),
    },
    {
        what: "a DNS server that doesn't know Graph",
        cause: "EntraHostUnknown",
        produce: byName({ [host]: ["127.0.0.1"], "login.microsoftonline.com": ["20.190.151.8"] }),
    },
    {
        what: "a DNS server that sends the sign-in host to a private address",
        cause: "EntraHostRedirected",
        produce: byName({ [host]: ["127.0.0.1"], ...entraHosts, "login.microsoftonline.com": ["10.0.0.9"] }),
    },
    { what: "the host of another cloud", cause: "HostOfAnotherCloud", produce: as({ cloud: "China" }) },
    { what: "a closed port", cause: "PortClosed", produce: as(async () => ({ port: await closedPort() })) },
    {
        what: "a closed port of a server that Azure says is stopped",
        cause: "ServerStopped",
        produce: as(async () => ({ port: await closedPort(), azure: readAzureServer('{ "state": "Stopped" }') })),
    },
    { what: "silence", cause: "NoAnswer", produce: at(silentPort, ({ port }) => ({ port, timeout: 500 })) },
    {
        what: "silence behind a security rule",
        cause: "InboundBlocked",
        produce: at(silentPort, ({ port }) => ({
            port,
            timeout: 500,
            egress: analysisFromAzure(
                { securityRules: [{ ...denyOutbound("deny-all", 100), direction: "Inbound" }] },
                undefined,
                { addressPrefix: "10.0.4.0/28" },
                { addressSpace: ["10.0.0.0/16"], clients: ["10.1.0.0/24"] },
            ),
        })),
    },
    {
        what: "a server that speaks HTTP",
        cause: "NotPostgreSQL",
        produce: at(
            () => listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
            ({ port }) => ({ port }),
        ),
    },
    {
        what: "a connection that is cut at once",
        cause: "NotPostgreSQL",
        produce: at(
            () => listen((socket) => socket.destroy()),
            ({ port }) => ({ port }),
        ),
    },
    {
        what: "a PostgreSQL without TLS",
        cause: "TlsNotOffered",
        produce: as(() => ({ port: server.instance.endpoint.port })),
    },
    {
        what: "a handshake that breaks off",
        cause: "TlsRefused",
        produce: at(
            () => listen((socket) => socket.once("data", () => socket.write("S", () => socket.end("nonsense")))),
            ({ port }) => ({ port }),
        ),
    },
    {
        what: "a root certificate that isn't trusted",
        cause: "CertificateUntrusted",
        produce: as({ rootCertificate: undefined }),
    },
    {
        what: "a server called by an alias",
        cause: "CertificateOfAnotherHost",
        produce: as({ host: "orders.internal.contoso.com" }),
    },
    { what: "a server called by its address", cause: "CertificateOfAnotherHost", produce: as({ host: "127.0.0.1" }) },
    ...(
        [
            ["an old certificate", "CertificateExpired", -30],
            ["a certificate of the future", "CertificateNotYetValid", 10],
        ] as const
    ).map(([what, cause, days]): ProducedFault => ({
        what,
        cause,
        produce: async (during) => {
            const certificates = await makeCertificates(new Date(Date.now() + days * 24 * hour * 1000));
            const showing = at(
                () => listenWithTls(certificates),
                ({ port }) => ({ port, rootCertificate: { file: "", text: certificates.root } }),
            );
            await showing(during);
        },
    })),
    {
        what: "no identity on this machine",
        cause: "NoToken",
        produce: as({ password: undefined, credential: "Environment" }),
    },
    { what: "an empty variable", cause: "NotAToken", produce: as({ password: "" }) },
    { what: "a password", cause: "NotAToken", produce: as({ password: "correct horse battery staple" }) },
    {
        what: "a token with Bearer before it",
        cause: "NotAToken",
        produce: as(async () => ({ password: `Bearer ${await server.issuer.issue(alice)}` })),
    },
    {
        what: "a token that was cut",
        cause: "NotAToken",
        produce: as(async () => ({ password: (await server.issuer.issue(alice)).slice(0, 200) })),
    },
    { what: "an expired token", cause: "TokenExpired", produce: as({ token: { lifetime: -hour } }) },
    {
        what: "a clock two hours behind",
        cause: "ClockBehind",
        produce: as(() => ({ now: Date.now() - 2 * hour * 1000 })),
    },
    {
        what: "a clock two hours ahead, with a token fetched just now",
        cause: "ClockAhead",
        produce: as(() => ({
            password: undefined,
            user: administrators.displayName,
            database: "postgres",
            now: Date.now() + 2 * hour * 1000,
        })),
    },
    {
        what: "a token for Resource Manager",
        cause: "TokenForAnotherService",
        produce: as({ token: { audience: "https://management.azure.com" } }),
    },
    { what: "another cloud's token", cause: "TokenOfAnotherCloud", produce: as({ token: { cloud: "USGovernment" } }) },
    {
        what: "a token without an object id",
        cause: "TokenWithoutObject",
        produce: as(async () => ({
            password: await new SignJWT({ tid: contoso().tenantId, aud: clouds.Public.tokenAudience })
                .setProtectedHeader({ alg: "HS256" })
                .setExpirationTime("1h")
                .sign(Buffer.from("a key of the test's own, long enough")),
        })),
    },
    {
        what: "another tenant's token, with the tenant given",
        cause: "TokenOfAnotherTenant",
        produce: as({ token: { tenantId: "00000000-0000-4000-8000-000000000000" }, tenantId: contoso().tenantId }),
    },
    {
        what: "another tenant's token, seen by the label",
        cause: "TokenOfAnotherTenant",
        produce: as({ token: { tenantId: "00000000-0000-4000-8000-000000000000" } }),
    },
    {
        what: "a token whose signature was changed",
        cause: "TokenInvalid",
        produce: as(async () => ({ password: altered(await server.issuer.issue(alice)) })),
    },
    {
        what: "a token whose signature was changed, with nobody to compare with",
        cause: "TokenNotValidated",
        produce: as(async () => ({
            password: altered(await server.issuer.issue(alice)),
            administrator: undefined,
        })),
    },
    {
        what: "a role that isn't there, with nobody to look inside",
        cause: "SignInRefused",
        produce: as({ user: "Prod DB Reader", administrator: undefined }),
    },
    {
        what: "Entra authentication that is off",
        cause: "EntraAuthenticationOff",
        produce: async (during) => {
            await server.instance.setEntraAuthentication(false);
            try {
                await during({
                    azure: readAzureServer('{ "state": "Ready", "authConfig": { "activeDirectoryAuth": "Disabled" } }'),
                });
            } finally {
                await server.instance.setEntraAuthentication(true);
            }
        },
    },
    {
        what: "a refusal of another kind",
        cause: "UnknownRefusal",
        produce: async (during) => {
            server.gateway.refuseNext(3, { code: "XX000", message: "something odd" });
            await during({});
        },
    },
    { what: "a role in another case", cause: "RoleNameCase", produce: as({ user: "prod db readonly" }) },
    { what: "a role with a trailing space", cause: "RoleNameSpaces", produce: as({ user: `${readers.displayName} ` }) },
    { what: "a role without its spaces", cause: "RoleNameSpaces", produce: as({ user: "ProdDBReadonly" }) },
    {
        what: "a role with a space of another kind",
        cause: "RoleNameSpaces",
        produce: as({ user: readers.displayName.replaceAll(" ", "\u00a0") }),
    },
    { what: "a role that isn't there", cause: "RoleMissing", produce: as({ user: "Prod DB Reader" }) },
    { what: "a guest's mail address", cause: "GuestName", produce: as({ who: guest, user: "erin@fabrikam.com" }) },
    {
        what: "a member's own name while group sync is off",
        cause: "GroupNameNeeded",
        produce: as({ user: alice.userPrincipalName }),
    },
    {
        what: "a member who isn't synced yet",
        cause: "MemberNotSynced",
        produce: groupSync(
            between(`DROP ROLE IF EXISTS "${alice.userPrincipalName}"`, "SELECT", { user: alice.userPrincipalName }),
        ),
    },
    { what: "an ordinary role", cause: "LabelMissing", produce: as({ user: "plain" }) },
    {
        what: "an application on a user's role",
        cause: "ApplicationOnUserRole",
        produce: as({ who: ordersApi, user: bob.userPrincipalName }),
    },
    {
        what: "a user on an application's role",
        cause: "UserOnApplicationRole",
        produce: as({ user: ordersApi.displayName }),
    },
    {
        what: "another application",
        cause: "ObjectMismatch",
        produce: as({ who: deployer, user: ordersApi.displayName }),
    },
    {
        what: "somebody else's role",
        cause: "RoleOfAnotherUser",
        produce: as({ who: alice, user: bob.userPrincipalName }),
    },
    {
        what: "a user who was deleted and made again",
        cause: "ObjectRecreated",
        produce: async (during) => {
            const { directory } = server.instance;
            const again = { ...bob, objectId: "0b1ec700-0000-4000-8000-000000000999" };
            directory.remove(bob.objectId);
            directory.add(again);
            try {
                await during({ who: again, user: bob.userPrincipalName });
            } finally {
                directory.remove(again.objectId);
                directory.add(structuredClone(bob));
                await server.instance.directorySynchronized();
            }
        },
    },
    {
        what: "a second factor that is missing",
        cause: "MfaMissing",
        produce: between(
            `SELECT pgaadauth_update_principal_with_oid('${bob.userPrincipalName}', '${bob.objectId}', 'user', false, true)`,
            `SELECT pgaadauth_update_principal_with_oid('${bob.userPrincipalName}', '${bob.objectId}', 'user', false, false)`,
            { who: bob, user: bob.userPrincipalName },
        ),
    },
    {
        what: "NOLOGIN",
        cause: "LoginOff",
        produce: between(
            `ALTER ROLE "${bob.userPrincipalName}" NOLOGIN`,
            `ALTER ROLE "${bob.userPrincipalName}" LOGIN`,
            { who: bob, user: bob.userPrincipalName },
        ),
    },
    {
        what: "a group whose members sign in as themselves",
        cause: "GroupLoginOff",
        produce: groupSync(between(`ALTER ROLE ${group} NOLOGIN`, `ALTER ROLE ${group} LOGIN`)),
    },
    { what: "who isn't a member", cause: "NotAMember", produce: as({ who: bob }) },
    {
        what: "a member of more groups than a token lists",
        cause: "GroupsLeftOut",
        produce: async (during) => {
            const { directory } = server.instance;
            const groups = Array.from({ length: 200 }, (_, number): Group => ({
                type: "Group",
                objectId: `0b1ec700-0000-4000-9000-${String(number).padStart(12, "0")}`,
                displayName: `Group ${String(number)}`,
                memberObjectIds: [alice.objectId],
            }));
            for (const each of groups) directory.add(each);
            await server.instance.directorySynchronized();
            try {
                await during({});
            } finally {
                for (const { objectId } of groups) directory.remove(objectId);
                await server.instance.directorySynchronized();
            }
        },
    },
    {
        what: "a token from before the membership",
        cause: "TokenOlderThanMembership",
        produce: async (during) => {
            const { directory } = server.instance;
            const old = await server.issuer.issue(obrien);
            directory.addMember(readers.objectId, obrien.objectId);
            try {
                await groupSync(as({ password: old }))(during);
            } finally {
                directory.removeMember(readers.objectId, obrien.objectId);
                await server.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(obrien.userPrincipalName)}`);
            }
        },
    },
    { what: "a database that isn't there", cause: "DatabaseMissing", produce: as({ database: "Orders" }) },
    {
        what: "no CONNECT",
        cause: "ConnectMissing",
        produce: between(
            `REVOKE CONNECT ON DATABASE orders FROM ${group}`,
            `GRANT CONNECT ON DATABASE orders TO ${group}`,
        ),
    },
    {
        what: "a role that may have no connection",
        cause: "ConnectionLimit",
        produce: between(`ALTER ROLE ${group} CONNECTION LIMIT 0`, `ALTER ROLE ${group} CONNECTION LIMIT -1`),
    },
    {
        what: "a database that takes no connection",
        cause: "ConnectionLimit",
        produce: between("ALTER DATABASE orders CONNECTION LIMIT 0", "ALTER DATABASE orders CONNECTION LIMIT -1"),
    },
    {
        what: "a server that is full",
        cause: "ServerFull",
        produce: async (during) => {
            server.gateway.refuseNext(2, { code: "53300", message: "sorry, too many clients already" });
            await during({});
        },
    },
    {
        what: "a server that is starting",
        cause: "ServerNotReady",
        produce: async (during) => {
            await server.instance.kill();
            try {
                await during({});
            } finally {
                await server.instance.restart();
            }
        },
    },
    {
        what: "no USAGE on the schema",
        cause: "SchemaUsageMissing",
        produce: between(
            `REVOKE USAGE ON SCHEMA app FROM ${group}`,
            `GRANT USAGE ON SCHEMA app TO ${group}`,
            {},
            "orders",
        ),
    },
    {
        what: "no SELECT on any table",
        cause: "TablePrivilegeMissing",
        produce: between(
            `REVOKE SELECT ON app.parcels FROM ${group}`,
            `GRANT SELECT ON app.parcels TO ${group}`,
            {},
            "orders",
        ),
    },
    { what: "no SELECT on a table", cause: "TablePrivilegeMissing", produce: as({ table: "app.secrets" }) },
    {
        what: "no INSERT on a table",
        cause: "TablePrivilegeMissing",
        produce: as({ table: "parcels", privilege: "INSERT" }),
    },
    { what: "a table that isn't there", cause: "TableMissing", produce: as({ table: "app.Parcels" }) },
    {
        what: "a member who doesn't inherit",
        cause: "RightsNotInherited",
        produce: between(
            `ALTER ROLE "${bob.userPrincipalName}" NOINHERIT; GRANT writers_of_app TO "${bob.userPrincipalName}"`,
            `REVOKE writers_of_app FROM "${bob.userPrincipalName}"; ALTER ROLE "${bob.userPrincipalName}" INHERIT`,
            { who: bob, user: bob.userPrincipalName, table: "app.parcels", privilege: "INSERT" },
        ),
    },
    {
        what: "a server without an administrator",
        cause: "NoAdministrator",
        produce: between(relabelled(administrators, false), relabelled(administrators, true)),
    },
];

/** Labels a group's role, as an administrator's or not. */
function relabelled({ displayName, objectId }: Group, isAdmin: boolean): string {
    return `SELECT pgaadauth_update_principal_with_oid('${displayName}', '${objectId}', 'group', ${String(isAdmin)}, false)`;
}

describe("the doctor's diagnosis", () => {
    it("of a sign-in that works is that there is no fault", async () => {
        const works: Case[] = [
            {},
            { who: bob, user: bob.userPrincipalName },
            { who: guest, user: guest.userPrincipalName },
            { who: ordersApi, user: ordersApi.displayName },
            { who: dana, user: administrators.displayName, database: "postgres" },
            { password: undefined, user: administrators.displayName, database: "postgres" },
            { table: "app.parcels" },
        ];
        for (const each of works) {
            const { fault, layers } = await diagnose(each);
            expect(fault, JSON.stringify(each)).toBeUndefined();
            expect(layers.filter(({ state }) => state !== "Passed").map(({ layer }) => layer)).toEqual(["DNS"]);
        }
    });

    it("is right with the name looked up by the network's DNS servers", async () => {
        await byName({ [host]: ["127.0.0.1"], ...entraHosts })(async (changed) => {
            expect((await diagnose(changed)).fault).toBeUndefined();
        });
    });

    it.each(faults)("of $what is $cause", async ({ cause, produce }) => {
        await produce(async (changed) => {
            const { fault, layers } = await diagnose(changed);
            expect(fault?.cause, JSON.stringify({ fault, layers }, undefined, 1)).toBe(cause);
            expect(layers.find(({ layer }) => layer === causes[cause].layer)?.state).toBe("Failed");
            const alone = await diagnose({ ...changed, administrator: undefined });
            const [told, other] = [alone.fault?.cause, withoutAdministrator[cause]];
            // The label tells of the tenant, unless the person did.
            const tenant = cause === "TokenOfAnotherTenant" && changed.tenantId === undefined;
            expect(told).toBe(tenant ? "SignInRefused" : (other ?? cause));
        });
    });

    it("says what was meant, and of whom the token is", async () => {
        expect((await diagnose({ user: "Prod DB Reader" })).fault?.detail).toContain('Nearest: "Prod DB Readonly"');
        expect((await diagnose({ table: "app.parcel" })).fault?.detail).toContain("Nearest: app.parcels");
        const { layers, token } = await diagnose();
        expect(layers.find(({ layer }) => layer === "Token")?.note).toMatch(/^alice@contoso\.com .*, in 1 group, from/);
        expect(token).toMatchObject({ audience: clouds.Public.tokenAudience, groups: [readers.objectId] });
    });

    it("was seen of every cause", () => {
        const produced = new Set<string>(faults.map(({ cause }) => cause));
        expect(Object.keys(causes).filter((cause) => !produced.has(cause))).toEqual([
            // Only others' messages say so: the doctor itself always encrypts.
            "ConnectionNotEncrypted",
            // In test/commands/doctor-network.test.ts.
            ...["FirewallRuleMissing", "PublicAccessOff", "EgressBlocked", "EntraUnreachable"],
        ]);
    });

    it("says when a membership changed last, where PostgreSQL keeps the times", async () => {
        await groupSync(async (during) => {
            const { instance } = server;
            await instance.setParameter("track_commit_timestamp", "on");
            await instance.restart();
            try {
                instance.directory.addMember(readers.objectId, obrien.objectId);
                await instance.syncGroups();
                await during({});
            } finally {
                instance.directory.removeMember(readers.objectId, obrien.objectId);
                await server.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(obrien.userPrincipalName)}`);
                await instance.resetParameter("track_commit_timestamp");
                await instance.restart();
            }
        })(async (changed) => {
            const { layers } = await diagnose(changed);
            const [day] = new Date().toISOString().split("T");
            expect(layers.find(({ layer }) => layer === "Group")?.note).toContain(
                `group sync is on, members changed last at ${String(day)}`,
            );
        });
    });
});
