import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArguments } from "../../components/faults";
import {
    type FlexibleServerArgs,
    FlexibleServer,
    validateFlexibleServer,
} from "../../components/server/flexible-server";
import { defaultServerName, validateServerName } from "../../components/server/names";
import { type RecordingOptions, record, valueOf } from "../support/recording";

const tenantId = "00000000-0000-0000-0000-0000000000aa";

const entraOnly: FlexibleServerArgs = {
    resourceGroupName: "orders",
    serverName: "orders-db",
    version: "17",
    sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
    authentication: { mode: "EntraOnly" },
    network: { mode: "PublicAccess" },
};

const options: RecordingOptions = {
    invoke: (token) => (token === "azure-native:authorization:getClientConfig" ? { tenantId } : undefined),
    outputs: (type) => (type === "random:index/randomPassword:RandomPassword" ? { result: "generated!1A" } : {}),
};

const server = "azure-native:dbforpostgresql:Server";

/** The fields of all faults in the arguments. */
function faultyFields(args: unknown): string[] {
    return validateFlexibleServer(args as FlexibleServerArgs).map((fault) => fault.field);
}

describe("FlexibleServer", () => {
    it("switches Entra authentication on and passwords off, and names the tenant", async () => {
        const recording = await record(() => new FlexibleServer("orders", entraOnly), options);
        const { inputs } = recording.one(server);
        expect(inputs["authConfig"]).toEqual({ activeDirectoryAuth: "Enabled", passwordAuth: "Disabled", tenantId });
        expect(inputs).not.toHaveProperty("administratorLogin");
        expect(inputs).not.toHaveProperty("administratorLoginPassword");
    });

    it("generates a password as a secret when both ways of signing in are wanted", async () => {
        const recording = await record(
            () =>
                new FlexibleServer("orders", {
                    ...entraOnly,
                    authentication: { mode: "EntraAndPassword", administratorLogin: "keeper" },
                }),
            options,
        );
        const resource = recording.one(server);
        expect(resource.inputs).toMatchObject({
            administratorLogin: "keeper",
            administratorLoginPassword: "generated!1A",
            authConfig: { activeDirectoryAuth: "Enabled", passwordAuth: "Enabled", tenantId },
        });
        expect(resource.secretInputs).toContain("administratorLoginPassword");
        expect(resource.additionalSecretOutputs).toContain("administratorLoginPassword");
        expect(await valueOf(recording.result.administratorPassword ?? "")).toBe("generated!1A");
    });

    it("makes a given password secret", async () => {
        const recording = await record(
            () =>
                new FlexibleServer("orders", {
                    ...entraOnly,
                    authentication: {
                        mode: "EntraAndPassword",
                        administratorLogin: "keeper",
                        administratorPassword: "S3cret-enough",
                    },
                }),
            options,
        );
        expect(recording.one(server).secretInputs).toContain("administratorLoginPassword");
        expect(recording.ofType("random:index/randomPassword:RandomPassword")).toEqual([]);
    });

    it("is protected unless told otherwise", async () => {
        const kept = await record(() => new FlexibleServer("orders", entraOnly), options);
        expect(kept.one(server).protect).toBe(true);
        const passing = await record(() => new FlexibleServer("orders", { ...entraOnly, protect: false }), options);
        expect(passing.one(server).protect).toBe(false);
    });

    it("leaves alone what the service changes by itself (azure-native sends every input in each update)", async () => {
        const recording = await record(() => new FlexibleServer("orders", entraOnly), options);
        expect(recording.one(server).ignoreChanges).toEqual([
            "administratorLogin",
            "availabilityZone",
            "highAvailability.standbyAvailabilityZone",
            "createMode",
            "pointInTimeUTC",
            "sourceServerResourceId",
        ]);
    });

    it("leaves storage alone once it grows by itself", async () => {
        const recording = await record(
            () => new FlexibleServer("orders", { ...entraOnly, storage: { sizeGB: 128, autoGrow: true } }),
            options,
        );
        expect(recording.one(server).ignoreChanges).toEqual(
            expect.arrayContaining(["storage.storageSizeGB", "storage.tier", "storage.iops"]),
        );
    });

    it("sends no iops with Premium SSD, which the service refuses in an update", async () => {
        const recording = await record(() => new FlexibleServer("orders", entraOnly), options);
        expect(recording.one(server).inputs["storage"]).toEqual({ storageSizeGB: 32, autoGrow: "Disabled" });
    });

    it("makes the guard before the server, and waits and retries through hooks", async () => {
        const recording = await record(() => new FlexibleServer("orders", entraOnly), options);
        const guard = recording.one("entra-postgres:index:FlexibleServerGuard");
        const resource = recording.one(server);
        expect(resource.dependsOn).toContain(guard.urn);
        expect(resource.hooks.afterCreate).toEqual(["orders-wait-until-ready"]);
        expect(resource.hooks.onError).toEqual(["orders-retry-while-busy"]);
        expect(guard.inputs).toMatchObject({ serverName: "orders-db", networkMode: "PublicAccess", version: "17" });
    });

    it("knows its host in a first preview, when the server's own outputs are unknown", async () => {
        const recording = await record(() => new FlexibleServer("orders", entraOnly), { ...options, preview: true });
        expect(recording.result.host).toBe("orders-db.postgres.database.azure.com");
    });

    it("reads an origin once and never again", async () => {
        const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/source";
        const recording = await record(
            () => new FlexibleServer("orders", { ...entraOnly, origin: { mode: "Replica", sourceServerId: id } }),
            options,
        );
        expect(recording.one(server).inputs).toMatchObject({ createMode: "Replica", sourceServerResourceId: id });
        expect(recording.one(server).ignoreChanges).toEqual(
            expect.arrayContaining(["createMode", "sourceServerResourceId", "pointInTimeUTC"]),
        );
    });

    it("locks the server when asked", async () => {
        const recording = await record(
            () => new FlexibleServer("orders", { ...entraOnly, lock: "CanNotDelete" }),
            options,
        );
        expect(recording.one("azure-native:authorization:ManagementLockByScope").inputs).toMatchObject({
            level: "CanNotDelete",
            scope: "orders-id",
        });
    });

    it("gives identities and keys for encryption with a key of one's own", async () => {
        const identity =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/key-reader";
        const recording = await record(
            () =>
                new FlexibleServer("orders", {
                    ...entraOnly,
                    customerManagedKey: {
                        primaryKeyUri: "https://vault.vault.azure.net/keys/orders",
                        primaryUserAssignedIdentityId: identity,
                    },
                }),
            options,
        );
        expect(recording.one(server).inputs).toMatchObject({
            identity: { type: "UserAssigned", userAssignedIdentities: { [identity]: {} } },
            dataEncryption: { type: "AzureKeyVault", primaryUserAssignedIdentityId: identity },
        });
    });

    it("registers nothing and lists every fault when arguments are bad", async () => {
        let thrown: unknown;
        const recording = await record(() => {
            try {
                new FlexibleServer("orders", {
                    ...entraOnly,
                    serverName: "Orders_DB",
                    version: "9" as "17",
                    storage: { sizeGB: 33 as 32 },
                    backup: { retentionDays: 90 },
                });
            } catch (error) {
                thrown = error;
            }
        }, options);
        expect(recording.resources).toEqual([]);
        expect(thrown).toBeInstanceOf(InvalidArguments);
        expect((thrown as InvalidArguments).faults.map((fault) => fault.field)).toEqual([
            "serverName",
            "version",
            "storage.sizeGB",
            "backup.retentionDays",
        ]);
        expect((thrown as Error).message).toContain("storage.sizeGB: 33 was given; allowed: 32, 64");
    });

    it("uses one fixed API version of the service", () => {
        const declaration = readFileSync(
            require.resolve("@pulumi/azure-native/dbforpostgresql/server.js").replace(/js$/, "d.ts"),
            "utf8",
        );
        expect(declaration).toContain("Uses Azure REST API version 2025-08-01");
    });
});

describe("validateFlexibleServer", () => {
    it.each([
        [
            "EntraOnly with a login",
            { authentication: { mode: "EntraOnly", administratorLogin: "x" } },
            "authentication.administratorLogin",
        ],
        ["passwords alone", { authentication: { mode: "Password" } }, "authentication.mode"],
        [
            "a reserved login",
            { authentication: { mode: "EntraAndPassword", administratorLogin: "azure_superuser" } },
            "authentication.administratorLogin",
        ],
        [
            "a weak password",
            { authentication: { mode: "EntraAndPassword", administratorLogin: "k", administratorPassword: "short" } },
            "authentication.administratorPassword",
        ],
        [
            "a tenant that is no GUID",
            { authentication: { mode: "EntraOnly", tenantId: "contoso" } },
            "authentication.tenantId",
        ],
        ["tier Basic, as quickstarts give it", { sku: { tier: "Basic", name: "B_Gen5_1" } }, "sku.tier"],
        ["a size of another tier", { sku: { tier: "Burstable", name: "Standard_D2ds_v5" } }, "sku.name"],
        ["20 GB, as quickstarts give it", { storage: { sizeGB: 20 } }, "storage.sizeGB"],
        ["a tier below the size's own", { storage: { sizeGB: 1024, tier: "P10" } }, "storage.tier"],
        [
            "autogrow on Premium SSD v2",
            { storage: { type: "PremiumV2_LRS", sizeGB: 64, iops: 3000, throughput: 125, autoGrow: true } },
            "storage.autoGrow",
        ],
        [
            "high availability on Burstable",
            { sku: { tier: "Burstable", name: "Standard_B2s" }, highAvailability: { mode: "ZoneRedundant" } },
            "highAvailability",
        ],
        [
            "a standby in the primary's zone",
            { availabilityZone: "1", highAvailability: { mode: "ZoneRedundant", standbyAvailabilityZone: "1" } },
            "highAvailability.standbyAvailabilityZone",
        ],
        [
            "a subnet with public access (AVM-Bicep drops it silently)",
            { network: { mode: "PublicAccess", delegatedSubnetId: "/x" } },
            "network.delegatedSubnetId",
        ],
        [
            "a subnet without a zone (Azure answers with a PublicNetworkAccess error)",
            {
                network: {
                    mode: "VirtualNetworkIntegration",
                    delegatedSubnetId:
                        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
                },
            },
            "network.privateDnsZoneId",
        ],
        [
            "geo-restore without a source (AVM-Bicep can't)",
            { origin: { mode: "GeoRestore", sourceServerId: "orders", pointInTimeUtc: "2026-11-24T00:00:00Z" } },
            "origin.sourceServerId",
        ],
        [
            "a moment in local time",
            {
                origin: {
                    mode: "PointInTimeRestore",
                    sourceServerId:
                        "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/a",
                    pointInTimeUtc: "yesterday",
                },
            },
            "origin.pointInTimeUtc",
        ],
        [
            "one identity for both keys",
            {
                backup: { geoRedundant: true },
                customerManagedKey: {
                    primaryKeyUri: "https://v/keys/k",
                    primaryUserAssignedIdentityId:
                        "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i",
                    geoBackup: {
                        keyUri: "https://w/keys/k",
                        userAssignedIdentityId:
                            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/I",
                    },
                },
            },
            "customerManagedKey.geoBackup.userAssignedIdentityId",
        ],
        ["an unknown cloud", { cloud: "Germany" }, "cloud"],
        ["a read-only lock", { lock: "ReadOnly" }, "lock"],
    ])("refuses %s", (_, change, field) => {
        expect(faultyFields({ ...entraOnly, ...change })).toEqual([field]);
    });

    it("never shows a password in a fault", () => {
        const faults = validateFlexibleServer({
            ...entraOnly,
            authentication: {
                mode: "EntraAndPassword",
                administratorLogin: "keeper",
                administratorPassword: "hunter2",
            },
        });
        expect(new InvalidArguments("FlexibleServer", "orders", faults).message).not.toContain("hunter2");
    });
});

describe("defaultServerName", () => {
    it("differs by stack", () => {
        const names = ["contoso/orders/dev", "contoso/orders/prod"].map((stack) => defaultServerName("orders", stack));
        expect(new Set(names).size).toBe(2);
    });

    it("is a valid server name for every logical name, and the same each time", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary", maxLength: 120 }), (name) => {
                const derived = defaultServerName(name, "contoso/orders/dev");
                expect(validateServerName("serverName", derived)).toEqual([]);
                expect(defaultServerName(name, "contoso/orders/dev")).toBe(derived);
            }),
        );
    });
});
