/** The steps of the pages about migration, on a server that was made by other means. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AdministratorsMicrosoftEntra } from "@pulumi/azure-native/dbforpostgresql/administratorsMicrosoftEntra";
import { Database } from "@pulumi/azure-native/dbforpostgresql/database";
import { FirewallRule } from "@pulumi/azure-native/dbforpostgresql/firewallRule";
import { Server } from "@pulumi/azure-native/dbforpostgresql/server";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { type ResourceTransform, rootStackResource } from "@pulumi/pulumi";
import type { ImportResource } from "@pulumi/pulumi/automation";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EntraPostgres, type EntraPostgresArgs } from "../../index";
import { administrators, alice, dana, readers } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { LocalStack } from "../../local/engine/local-stack";
import { packageRoot } from "../../local/package-root";
import { signIn } from "../../local/sign-in";

const host = "old-orders.postgres.database.azure.com";

let emulation: Emulation;

beforeEach(async () => {
    emulation = await Emulation.start({ settleTime: 0 });
});

afterEach(async () => {
    await emulation.stop();
});

/** What somebody made without this package. */
function madeByHand(): Promise<Record<string, unknown>> {
    const group = new ResourceGroup("old", { resourceGroupName: "old", location: "westeurope" });
    const server = new Server("old", {
        resourceGroupName: group.name,
        serverName: "old-orders",
        location: "westeurope",
        version: "16",
        sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
        storage: { storageSizeGB: 64, autoGrow: "Disabled" },
        // What Azure reports of a server for which nobody said it.
        backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
        highAvailability: { mode: "Disabled", standbyAvailabilityZone: "" },
        authConfig: {
            activeDirectoryAuth: "Enabled",
            passwordAuth: "Disabled",
            tenantId: emulation.directory.tenantId,
        },
        network: { publicNetworkAccess: "Enabled" },
    });
    const of = { resourceGroupName: group.name, serverName: server.name };
    const administrator = new AdministratorsMicrosoftEntra(
        "old",
        {
            ...of,
            objectId: administrators.objectId,
            principalName: administrators.displayName,
            principalType: "Group",
            tenantId: emulation.directory.tenantId,
        },
        { dependsOn: server },
    );
    const database = new Database(
        "old",
        { ...of, databaseName: "orders", charset: "UTF8", collation: "en_US.utf8" },
        { dependsOn: administrator },
    );
    new FirewallRule(
        "old",
        { ...of, firewallRuleName: "office", startIpAddress: "127.0.0.1", endIpAddress: "127.0.0.1" },
        { dependsOn: database },
    );
    return Promise.resolve({});
}

/** The same with this package. */
function program(transforms: ResourceTransform[] = []): Promise<Record<string, unknown>> {
    const args: EntraPostgresArgs = {
        resourceGroupName: "old",
        server: {
            serverName: "old-orders",
            version: "16",
            sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
            storage: { sizeGB: 64 },
            location: "westeurope",
        },
        authentication: { mode: "EntraOnly" },
        administrators: [{ type: "Group", name: administrators.displayName }],
        network: { mode: "PublicAccess", firewallRules: [{ name: "office", cidr: "127.0.0.1/32" }] },
        databases: [{ name: "orders" }],
        access: [{ principal: { type: "Group", name: readers.displayName }, database: "orders", profile: "Reader" }],
    };
    new EntraPostgres("orders", args, { transforms });
    return Promise.resolve({});
}

it("takes a server over: nothing of it is replaced, and who had a role by hand keeps it", async () => {
    await (await LocalStack.create({ emulation, program: madeByHand })).up();
    const administrator = await signIn(emulation, host, dana, administrators.displayName, "postgres");
    await administrator.query("SELECT pgaadauth_create_principal($1, false, false)", [readers.displayName]);
    const role = () => administrator.query("SELECT oid FROM pg_roles WHERE rolname = $1", [readers.displayName]);
    const before = (await role()).rows;

    const local = await LocalStack.create({ emulation, program: () => program() });
    const { stack } = local;
    const { workspace } = stack;
    Object.assign(workspace.envVars, {
        PATH: `${join(packageRoot, "test", "support", "language-plugins")}:${String(workspace.envVars["PATH"])}`,
        PACKAGE_ROOT: packageRoot,
    });
    const file = join(emulation.runDirectory, "import.json");
    await stack.preview({ importFile: file });
    const { resources } = JSON.parse(await readFile(file, "utf8")) as { resources: ImportResource[] };
    await stack.import({ resources: toImport(resources), generateCode: false });

    const { changes } = await local.preview();
    expect(changes.replace ?? 0).toBe(0);
    expect(changes.update ?? 0).toBe(0);
    await local.up();
    expect((await local.preview()).changes.create ?? 0).toBe(0);

    expect((await role()).rows).toEqual(before);
    await administrator.end();
    const reader = await signIn(emulation, host, alice, readers.displayName, "orders");
    await expect(reader.query("CREATE TABLE mine ()")).rejects.toThrow("permission denied");
    await reader.end();
}, 120_000);

it("takes over what was bare resources in the same stack, by aliases", async () => {
    let current = madeByHand;
    const local = await LocalStack.create({ emulation, program: () => current() });
    await local.up();
    const formerly: ResourceTransform = ({ type, props, opts }) =>
        type.startsWith("azure-native:dbforpostgresql:")
            ? {
                  props,
                  opts: { ...opts, aliases: [{ name: "old", parent: rootStackResource }] },
              }
            : undefined;
    current = () => {
        new ResourceGroup("old", { resourceGroupName: "old", location: "westeurope" });
        return program([formerly]);
    };
    const { changes } = await local.preview();
    expect(changes.replace ?? 0).toBe(0);
    expect(changes.delete ?? 0).toBe(0);
    await local.up();
    const reader = await signIn(emulation, host, alice, readers.displayName, "orders");
    await reader.end();
}, 120_000);

/** What is kept of the file, as the page says: components, and what is there in Azure, with its id. */
function toImport(resources: ImportResource[]): ImportResource[] {
    const server = [
        `/subscriptions/${emulation.resourceManager.subscriptionId}/resourceGroups/old`,
        "providers/Microsoft.DBforPostgreSQL/flexibleServers/old-orders",
    ].join("/");
    const ids: Record<string, string> = {
        ordersServer: server,
        "orders-Prod DB Admins": `${server}/administrators/${administrators.objectId}`,
        "orders-orders": `${server}/databases/orders`,
        "orders-office": `${server}/firewallRules/office`,
    };
    return resources.flatMap((resource) => {
        if (resource.component === true) return resource;
        const id = ids[resource.name];
        return resource.type.startsWith("azure-native:") && id !== undefined ? { ...resource, id } : [];
    });
}
