import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { administrators, alice, awkward, bob, guest, ordersApi, readers, writers } from "../../local/directory/contoso";
import type { ProviderImplementation } from "../../provider/protocol/implementation";
import { EmulatedServer, calls } from "../support/emulated-server";

let server: EmulatedServer;
let provider: ProviderImplementation;
let engine: ReturnType<typeof calls>;

beforeAll(async () => {
    server = await EmulatedServer.start();
    provider = await server.provider();
    engine = calls(provider);
});

afterAll(async () => {
    await server.stop();
});

const group = { name: readers.displayName, type: "Group" };

/** What the server says that a role stands for. */
async function mapping(name: string): Promise<unknown> {
    const [row] = await server.query(
        "SELECT type, object_id, is_admin FROM pgaadauth_standin.principal WHERE rolname = $1",
        [name],
    );
    return row;
}

describe("EntraPrincipal", () => {
    it.each([
        ["a group by name", group, readers.objectId],
        ["a user by name", { name: alice.userPrincipalName, type: "User" }, alice.objectId],
        ["a guest by name", { name: guest.userPrincipalName, type: "User" }, guest.objectId],
        [
            "an application by object id",
            { name: "api", type: "ServicePrincipal", objectId: ordersApi.objectId.toUpperCase() },
            ordersApi.objectId,
        ],
        ["a name that needs quoting", { name: awkward.displayName, type: "Group" }, awkward.objectId],
        ["a name with slashes", { name: "a/b\\c", type: "User", objectId: bob.objectId }, bob.objectId],
        ["a name of 63 bytes", { name: "é".repeat(31) + "x", type: "User", objectId: bob.objectId }, bob.objectId],
    ])("creates, reads, imports and drops %s", async (_, inputs, objectId) => {
        const { id, outputs } = await engine.create(inputs);
        expect(id).toBe(`orders/${inputs.name}`);
        expect(outputs).toMatchObject({ objectId, tenantId: server.instance.directory.tenantId });
        expect(await mapping(inputs.name)).toMatchObject({ object_id: objectId });

        const read = await engine.read(inputs);
        expect(read?.inputs).toEqual({ serverName: "orders", signInAs: administrators.displayName, ...inputs });
        const importing = calls(await server.provider({ signInAs: administrators.displayName }));
        expect((await importing.import(id))?.inputs).toMatchObject({ name: inputs.name, type: inputs.type, objectId });

        await engine.delete(inputs);
        expect(await mapping(inputs.name)).toBeUndefined();
        expect(await engine.read(inputs)).toBeUndefined();
        await engine.delete(inputs);
    });

    it("takes over a role that stands for the same object, and no other", async () => {
        await engine.create(group);
        await engine.create(group);
        await engine.create({ ...group, objectId: readers.objectId });
        await expect(engine.create({ ...group, adopt: false })).rejects.toThrow(/exists already and adopt is false/);
        await expect(engine.create({ ...group, objectId: writers.objectId })).rejects.toThrow(
            /stands for another object/,
        );
        await expect(engine.create({ ...group, type: "User" })).rejects.toThrow(/stands for a Group, not a User/);
        await server.query(`CREATE ROLE stranger LOGIN`);
        await expect(engine.create({ name: "stranger", type: "User", objectId: bob.objectId })).rejects.toThrow(
            /is no Entra principal/,
        );
        await server.query(`DROP ROLE stranger`);
        await engine.delete(group);
    });

    it.each([
        [
            "a name that isn't found",
            { name: "nobody@contoso.com", type: "User" },
            /isn't found in the tenant.*Write the name exactly/s,
        ],
        [
            "a name that isn't unique",
            { name: "duplicate-name", type: "ServicePrincipal" },
            /isn't unique.*give the object id/s,
        ],
        [
            "an application id",
            { name: "x", type: "ServicePrincipal", objectId: ordersApi.applicationId },
            /OID isn't found.*not the application id/s,
        ],
        [
            "the wrong type by id",
            { name: "x", type: "User", objectId: ordersApi.objectId },
            /incorrect object type.*Correct type/s,
        ],
        ["the wrong type by name", { name: readers.displayName, type: "User" }, /is a Group in Entra, not a User/],
    ])("refuses %s and leaves no role behind", async (_, inputs, message) => {
        const impatient = calls(await server.provider({ patience: "0" }));
        await expect(impatient.create(inputs)).rejects.toThrow(message);
        expect(await server.query("SELECT FROM pg_roles WHERE rolname = $1", [inputs.name])).toEqual([]);
    });

    it("renames in place: grants and mapping stay", async () => {
        await engine.create(group);
        await server.query(`GRANT CONNECT ON DATABASE orders TO "${group.name}"`);
        const renamed = { ...group, name: "readers of orders", objectId: readers.objectId };
        expect((await engine.diff(group, renamed, { objectId: readers.objectId })).changes).toEqual({ name: "update" });
        await engine.update(group, renamed);
        expect(await mapping(renamed.name)).toMatchObject({ object_id: readers.objectId });
        expect(
            await server.query("SELECT has_database_privilege($1, 'orders', 'CONNECT') AS may", [renamed.name]),
        ).toEqual([{ may: true }]);
        await engine.delete(renamed);
    });

    it("changes flags in place and finds what was changed behind its back", async () => {
        await engine.create(group);
        await engine.update(group, { ...group, isAdmin: true, isMfa: true, canLogin: false });
        expect(await mapping(group.name)).toMatchObject({ is_admin: true });
        expect((await engine.read(group))?.inputs).toMatchObject({ isAdmin: true, isMfa: true, canLogin: false });
        await engine.update({ ...group, isAdmin: true }, group);
        expect((await engine.read(group))?.inputs).toEqual({
            serverName: "orders",
            signInAs: administrators.displayName,
            ...group,
        });
        const [row] = await server.query("SELECT rolcreaterole FROM pg_roles WHERE rolname = $1", [group.name]);
        expect(row).toEqual({ rolcreaterole: false });
        await engine.delete(group);
    });

    it("doesn't take it that a role was handed to somebody else by hand", async () => {
        const { outputs } = await engine.create(group);
        expect(await engine.read(group, outputs)).toBeDefined();
        await server.query("SELECT pgaadauth_standin.label($1, $2)", [
            group.name,
            `aadauth,oid=${writers.objectId},type=group`,
        ]);
        await expect(engine.read(group, outputs)).rejects.toThrow(
            `was made for ${readers.objectId} and stands for ${writers.objectId}`,
        );
        const given = { ...group, objectId: readers.objectId };
        const read = await engine.read(given, outputs);
        expect(read?.inputs).toMatchObject({ objectId: writers.objectId });
        await expect(async () => engine.diff(read?.inputs ?? {}, given, read?.outputs)).rejects.toThrow(
            /would have everything this role may do/,
        );
        await engine.delete({ ...given, objectId: writers.objectId });
    });

    it("hands a role to a new object only when that was said", async () => {
        const before = { ...group, objectId: readers.objectId };
        const after = { ...group, objectId: writers.objectId };
        await engine.create(before);
        await expect(async () => engine.diff(before, after, { objectId: readers.objectId })).rejects.toThrow(
            /would have everything this role may do/,
        );
        const relabelled = { ...after, onObjectIdChange: "Relabel" };
        expect((await engine.diff(before, relabelled, { objectId: readers.objectId })).changes).toMatchObject({
            objectId: "update",
        });
        await engine.update(before, relabelled);
        expect(await mapping(group.name)).toMatchObject({ object_id: writers.objectId });
        await engine.delete(relabelled);
    });

    it("doesn't drop an owner, names what it owns, and hands it over when told to whom", async () => {
        await engine.create(group);
        await server.query(`GRANT CREATE ON SCHEMA public TO "${group.name}"`, [], "orders");
        await server.query(`SET ROLE "${group.name}"; CREATE TABLE owned (id int); RESET ROLE`, undefined, "orders");
        await expect(engine.delete(group)).rejects.toThrow(
            /owns objects and isn't dropped:\n {2}in orders: table public\.owned/,
        );
        expect(await mapping(group.name)).toBeDefined();
        await engine.delete({ ...group, reassignOwnedTo: administrators.displayName });
        expect(await mapping(group.name)).toBeUndefined();
        expect(await server.query("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'", [], "orders")).toEqual([
            { tableowner: administrators.displayName },
        ]);
        await server.query("DROP TABLE owned", [], "orders");
    });

    it("doesn't stay a member of the role that it hands things over to", async () => {
        await engine.create(group);
        await server.query(`SET ROLE "${administrators.displayName}"; CREATE ROLE heir; RESET ROLE`);
        await server.query(`GRANT CREATE ON SCHEMA public TO "${group.name}"`, [], "orders");
        await server.query(`SET ROLE "${group.name}"; CREATE TABLE owned (id int); RESET ROLE`, undefined, "orders");
        const memberships = `SELECT admin_option, inherit_option, set_option FROM pg_auth_members
                              WHERE roleid = 'heir'::regrole AND member = $1::regrole`;
        const before = await server.query(memberships, [pg.escapeIdentifier(administrators.displayName)]);
        await engine.delete({ ...group, reassignOwnedTo: "heir" });
        expect(await server.query("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'", [], "orders")).toEqual([
            { tableowner: "heir" },
        ]);
        expect(await server.query(memberships, [pg.escapeIdentifier(administrators.displayName)])).toEqual(before);
        expect(before).toEqual([{ admin_option: true, inherit_option: false, set_option: false }]);
        await server.query("DROP TABLE owned", [], "orders");
        await server.query("DROP ROLE heir");
    });

    it("drops privileges with the role without asking", async () => {
        await engine.create(group);
        await server.query(`GRANT CONNECT ON DATABASE orders TO "${group.name}"`);
        await server.query(`GRANT USAGE ON SCHEMA public TO "${group.name}"`, [], "orders");
        await engine.delete(group);
        expect(await mapping(group.name)).toBeUndefined();
    });

    it("never drops a group while group sync is on", async () => {
        await engine.create(group);
        await server.instance.setParameter("pgaadauth.enable_group_sync", "on");
        const fresh = calls(await server.provider());
        await expect(fresh.delete(group)).rejects.toThrow(/isn't dropped while group sync is on/);
        await server.instance.resetParameter("pgaadauth.enable_group_sync");
        await calls(await server.provider()).delete(group);
    });

    it("opens no connection and asks for no token in a preview", async () => {
        const quiet = calls(await server.provider({ port: "1" }));
        const issued = server.issuer.issued;
        expect((await quiet.check(group)).failures).toEqual([]);
        expect((await quiet.create(group, true)).outputs).toMatchObject(group);
        await quiet.diff(group, { ...group, isMfa: true });
        expect(server.issuer.issued).toBe(issued);
    });

    it("lists every bad input at once, and takes unknown ones for none", async () => {
        const { failures } = await engine.check({
            name: "x".repeat(64),
            type: "group",
            objectId: "1",
            isAdmin: "yes",
            colour: "red",
        });
        expect(failures.map(({ property }) => property)).toEqual(["name", "type", "objectId", "isAdmin", "colour"]);
        const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        expect(
            (await engine.check({ name: unknown, type: "Group", objectId: unknown, isAdmin: unknown })).failures,
        ).toEqual([]);
    });
});
