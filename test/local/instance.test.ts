import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alice, administrators, contoso, ordersApi, readers } from "../../local/directory/contoso";
import { PostgresInstance } from "../../local/postgresql/instance";

let runDirectory: string;
let instance: PostgresInstance;

beforeAll(async () => {
    runDirectory = await mkdtemp(join(tmpdir(), "ep-"));
    instance = await PostgresInstance.start({ serverName: "orders", directory: contoso(), runDirectory });
    await instance.setEntraAuthentication(true);
});

afterAll(async () => {
    await instance.stop();
    await rm(runDirectory, { recursive: true, force: true });
});

describe("the pgaadauth stand-in", () => {
    it("labels a principal with the request and with what it resolved to", async () => {
        const { rows } = await instance.query<{ text: string }>(
            "postgres",
            "SELECT pgaadauth_create_principal($1, false, false) AS text",
            [readers.displayName],
        );
        expect(rows[0]?.text).toBe('Created role for "Prod DB Readonly"');
        const labels = await instance.query(
            "postgres",
            `SELECT provider, label FROM pg_shseclabel WHERE objoid = '"Prod DB Readonly"'::regrole ORDER BY provider`,
        );
        expect(labels.rows).toEqual([
            { provider: "pgaadauth", label: "aadauth" },
            {
                provider: "pgaadauth-int",
                label: `type=group,oid=${readers.objectId},tenant_id=${instance.directory.tenantId}`,
            },
        ]);
    });

    it.each([
        ["an unknown name", "pgaadauth_create_principal('nobody', false, false)", /isn't found in the tenant/],
        [
            "a name that isn't unique",
            "pgaadauth_create_principal('duplicate-name', false, false)",
            /isn't unique in the tenant/,
        ],
        [
            "an unknown object id",
            "pgaadauth_create_principal_with_oid('x', '00000000-0000-0000-0000-000000000009', 'user', false, false)",
            /OID isn't found in the tenant/,
        ],
        [
            "the wrong type",
            `pgaadauth_create_principal_with_oid('x', '${ordersApi.objectId}', 'user', false, false)`,
            /given object type: 'user', actual object type: 'service'/,
        ],
        [
            "an application id for an object id",
            `pgaadauth_create_principal_with_oid('x', '${ordersApi.applicationId}', 'service', false, false)`,
            /OID isn't found in the tenant/,
        ],
    ])("refuses %s and leaves no role behind", async (_, call, message) => {
        await expect(instance.query("postgres", `SELECT ${call}`)).rejects.toThrow(message);
        const { rowCount } = await instance.query(
            "postgres",
            "SELECT FROM pg_roles WHERE rolname IN ('x', 'nobody', 'duplicate-name')",
        );
        expect(rowCount).toBe(0);
    });

    it("knows its functions in database postgres alone", async () => {
        await expect(
            instance.query("azure_maintenance", "SELECT pgaadauth_create_principal('a', false, false)"),
        ).rejects.toThrow("function pgaadauth_create_principal(unknown, boolean, boolean) does not exist");
    });

    it("makes an administrator who can make principals, and refuses the same object twice", async () => {
        await instance.createAdministrator({
            objectId: administrators.objectId,
            principalName: administrators.displayName,
            principalType: "Group",
        });
        await expect(
            instance.createAdministrator({
                objectId: administrators.objectId,
                principalName: "another name",
                principalType: "Group",
            }),
        ).rejects.toThrow("Updating an existing principal isn't supported");
    });

    it("gives members roles of their own while group sync is on", async () => {
        await instance.query("postgres", "SELECT pgaadauth_create_principal('Prod DB Writers', false, false)");
        await instance.setParameter("pgaadauth.enable_group_sync", "on");
        const { rows } = await instance.query<{ member: string }>(
            "postgres",
            `SELECT member::regrole::text FROM pg_auth_members WHERE roleid = '"Prod DB Writers"'::regrole ORDER BY 1`,
        );
        expect(rows.map((row) => row.member)).toContain(`"${ordersApi.displayName}"`);
        instance.directory.removeMember(readers.objectId, alice.objectId);
        await instance.syncGroups();
        const left = await instance.query(
            "postgres",
            `SELECT FROM pg_auth_members WHERE roleid = '"Prod DB Readonly"'::regrole AND member = '"alice@contoso.com"'::regrole`,
        );
        expect(left.rowCount).toBe(0);
        await instance.resetParameter("pgaadauth.enable_group_sync");
    });

    it("refuses a parameter that doesn't exist and a value that isn't allowed", async () => {
        await expect(instance.setParameter("no_such_parameter", "1")).rejects.toThrow("doesn't exist");
        await expect(instance.setParameter("work_mem", "plenty")).rejects.toThrow("isn't allowed");
        await instance.setParameter("work_mem", "8MB");
        // One that is static is taken, for the next restart.
        await instance.setParameter("track_commit_timestamp", "on");
        await expect(instance.setParameter("max_connections", "many")).rejects.toThrow("isn't allowed");
        expect(await instance.parameter("work_mem")).toMatchObject({ value: "8MB", isDynamic: true });
    });
});
