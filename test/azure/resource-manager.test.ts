import { beforeEach, describe, expect, it } from "vitest";
import { kindOfToken } from "../../local/azure/kinds";
import { type Properties, ResourceManager } from "../../local/azure/resource-manager";
import { contoso } from "../../local/directory/contoso";
import type { PostgresInstance } from "../../local/postgresql/instance";

let manager: ResourceManager;

/** Everything that the control plane asks of a database, accepted and forgotten. */
const database = new Proxy(Object.create(null) as PostgresInstance, {
    get: (_, property) =>
        property === "then" ? undefined : property === "entraAuthentication" ? true : () => Promise.resolve(),
});

beforeEach(async () => {
    manager = new ResourceManager({
        directory: contoso(),
        startDatabase: () => Promise.resolve(database),
        settleTime: 0,
    });
    await put("resources:ResourceGroup", { location: "westeurope" });
    await put("network:VirtualNetwork", {
        virtualNetworkName: "v",
        addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
    });
    await put("privatedns:PrivateZone", { privateZoneName: "a.private.postgres.database.azure.com" });
});

function put(token: string, properties: Properties) {
    return manager.put(kindOfToken(`azure-native:${token}`), { resourceGroupName: "g", ...properties });
}

const id = (provider: string, path: string): string =>
    `/subscriptions/${manager.subscriptionId}/resourceGroups/g/providers/${provider}/${path}`;
const subnetId = (): string => id("Microsoft.Network", "virtualNetworks/v/subnets/s");
const zoneId = (name = "a.private.postgres.database.azure.com"): string =>
    id("Microsoft.Network", `privateDnsZones/${name}`);

const server = {
    serverName: "orders",
    version: "17",
    sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
    storage: { storageSizeGB: 64 },
    backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
    authConfig: { activeDirectoryAuth: "Enabled", passwordAuth: "Disabled", tenantId: "t" },
};

const delegated = { delegations: [{ name: "d", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }] };

async function subnet(properties: Properties): Promise<void> {
    await put("network:Subnet", {
        virtualNetworkName: "v",
        subnetName: "s",
        addressPrefix: "10.0.4.0/28",
        ...properties,
    });
}

function inSubnet(zone = zoneId()): Properties {
    return { ...server, network: { delegatedSubnetResourceId: subnetId(), privateDnsZoneArmResourceId: zone } };
}

describe("the emulated service, on networks", () => {
    it("takes a delegated subnet with a zone", async () => {
        await subnet(delegated);
        await put("dbforpostgresql:Server", inSubnet());
        await expect(manager.delete(subnetId())).rejects.toThrow("InUseSubnetCannotBeDeleted");
    });

    it("refuses a subnet without the delegation, a subnet that is shared, and one that is too small", async () => {
        await subnet({});
        await expect(put("dbforpostgresql:Server", inSubnet())).rejects.toThrow("InvalidSubnetDelegation");
        await subnet({ ...delegated, addressPrefix: "10.0.4.0/29" });
        await expect(put("dbforpostgresql:Server", inSubnet())).rejects.toThrow("SubnetTooSmall");
        await subnet(delegated);
        await put("network:PrivateEndpoint", { privateEndpointName: "e", subnet: { id: subnetId() } });
        await expect(put("dbforpostgresql:Server", inSubnet())).rejects.toThrow("SubnetInUse");
    });

    it.each([
        "orders.postgres.database.azure.com",
        "privatelink.postgres.database.azure.com",
        "a.private.postgresql.database.azure.com",
    ])("refuses the zone %s", async (zone) => {
        await subnet(delegated);
        await put("privatedns:PrivateZone", { privateZoneName: zone });
        await expect(put("dbforpostgresql:Server", inSubnet(zoneId(zone)))).rejects.toThrow(
            "PrivateDnsZoneNameNotValid",
        );
    });

    it("blames PublicNetworkAccess when a subnet comes without a zone, as Azure does", async () => {
        await subnet(delegated);
        const network = { delegatedSubnetResourceId: subnetId() };
        await expect(put("dbforpostgresql:Server", { ...server, network })).rejects.toThrow(
            "Conflicting configuration is detected between Public Network Access",
        );
    });
});

describe("the emulated service, on servers", () => {
    it.each<[string, Properties, string]>([
        ["a name with capitals", { serverName: "Orders" }, "InvalidServerName"],
        ["20 GB of storage", { storage: { storageSizeGB: 20 } }, "storage size"],
        ["a size of another tier", { sku: { tier: "Burstable", name: "Standard_D2ds_v5" } }, "not available in tier"],
        [
            "high availability on Burstable",
            { sku: { tier: "Burstable", name: "Standard_B2s" }, highAvailability: { mode: "ZoneRedundant" } },
            "not supported for Burstable",
        ],
        [
            "passwords without a login",
            { authConfig: { activeDirectoryAuth: "Enabled", passwordAuth: "Enabled" } },
            "EngineCredentialsNotProvided",
        ],
        [
            "no way of signing in",
            { authConfig: { activeDirectoryAuth: "Disabled", passwordAuth: "Disabled" } },
            "At least one",
        ],
        ["backups for a year", { backup: { backupRetentionDays: 365 } }, "between 7 and 35"],
        ["a replica of nothing", { createMode: "Replica" }, "sourceServerResourceId"],
        [
            "a replica of a server that isn't there",
            { createMode: "Replica", sourceServerResourceId: "/x" },
            "SourceServerNotFound",
        ],
    ])("refuses %s", async (_, change, message) => {
        await expect(put("dbforpostgresql:Server", { ...server, ...change })).rejects.toThrow(message);
    });

    it.each<[string, Properties, string]>([
        ["less storage", { storage: { storageSizeGB: 32 } }, "StorageSizeDecreaseNotAllowed"],
        ["an older version", { version: "16" }, "InvalidVersionDowngrade"],
        ["geo-redundant backup", { backup: { geoRedundantBackup: "Enabled" } }, "PropertyChangeNotAllowed"],
        ["a key of one's own", { dataEncryption: { type: "AzureKeyVault" } }, "PropertyChangeNotAllowed"],
        [
            "a login",
            {
                administratorLogin: "keeper",
                administratorLoginPassword: "x",
                authConfig: { activeDirectoryAuth: "Enabled", passwordAuth: "Enabled" },
            },
            "EngineCredentialsNotProvided",
        ],
    ])("refuses %s for a server that exists", async (_, change, message) => {
        await put("dbforpostgresql:Server", server);
        await expect(put("dbforpostgresql:Server", { ...server, ...change })).rejects.toThrow(message);
    });

    it("does one thing at a time", async () => {
        await put("dbforpostgresql:Server", server);
        const both = await Promise.allSettled(
            ["a", "b"].map((databaseName) =>
                put("dbforpostgresql:Database", { serverName: "orders", databaseName, charset: "UTF8" }),
            ),
        );
        expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
        expect(JSON.stringify(both.map((each) => String((each as { reason?: unknown }).reason)))).toContain(
            "ServerIsBusy",
        );
    });

    it("refuses the words that the SDK has for administrators of another service", async () => {
        await put("dbforpostgresql:Server", server);
        for (const principalType of ["group", "Application", "servicePrincipal"]) {
            await expect(
                put("dbforpostgresql:AdministratorsMicrosoftEntra", {
                    serverName: "orders",
                    objectId: "o",
                    principalName: "n",
                    principalType,
                }),
            ).rejects.toThrow("Invalid value");
        }
    });

    it("deletes nothing that is locked", async () => {
        const { id: serverId } = await put("dbforpostgresql:Server", server);
        const lock = await put("authorization:ManagementLockByScope", {
            scope: serverId,
            lockName: "keep",
            level: "CanNotDelete",
        });
        await expect(manager.delete(serverId)).rejects.toThrow("ScopeLocked");
        await manager.delete(lock.id);
        await manager.delete(serverId);
        expect(manager.get(serverId)).toBeUndefined();
    });
});
