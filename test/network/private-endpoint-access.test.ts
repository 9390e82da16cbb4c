import { describe, expect, it } from "vitest";
import {
    PrivateEndpointAccess,
    type PrivateEndpointAccessArgs,
    privateEndpointNetwork,
    validatePrivateEndpointAccess,
} from "../../components/network/private-endpoint-access";
import { record, valueOf } from "../support/recording";
import { id } from "./support";

const endpoint = "azure-native:network:PrivateEndpoint";
const zoneGroup = "azure-native:network:PrivateDnsZoneGroup";
const zone = "azure-native:privatedns:PrivateZone";
const link = "azure-native:privatedns:VirtualNetworkLink";

const serverId =
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-db";

const args = {
    server: { serverName: "orders-db", resourceGroupName: "orders", serverId },
    subnet: { id: id("virtualNetworks/spoke/subnets/endpoints", "network") },
    privateDnsZone: { links: { spoke: id("virtualNetworks/spoke", "network"), hub: id("virtualNetworks/hub", "hub") } },
} satisfies PrivateEndpointAccessArgs;

function faultyFields(given: PrivateEndpointAccessArgs): string[] {
    return validatePrivateEndpointAccess(given).map(({ field }) => field);
}

describe("PrivateEndpointAccess", () => {
    it("leads to the server, in the caller's subnet", async () => {
        const recording = await record(() => new PrivateEndpointAccess("orders", args));
        expect(recording.one(endpoint).inputs).toMatchObject({
            resourceGroupName: "orders",
            subnet: { id: args.subnet.id },
            privateLinkServiceConnections: [{ privateLinkServiceId: serverId, groupIds: ["postgresqlServer"] }],
        });
    });

    it("makes the zone and links it with the clients' networks before the endpoint", async () => {
        const recording = await record(() => new PrivateEndpointAccess("orders", args));
        expect(recording.one(zone).inputs["privateZoneName"]).toBe("privatelink.postgres.database.azure.com");
        const links = recording.ofType(link);
        expect(links.map(({ inputs }) => (inputs["virtualNetwork"] as { id: string }).id)).toEqual(
            Object.values(args.privateDnsZone.links),
        );
        expect(recording.one(endpoint).dependsOn).toEqual(expect.arrayContaining(links.map(({ urn }) => urn)));
        expect(recording.one(zoneGroup).inputs["privateDnsZoneConfigs"]).toEqual([
            { name: "privatelink-postgres-database-azure-com", privateDnsZoneId: "orders-id" },
        ]);
    });

    it("takes a central zone by its id, and makes nothing in it unasked", async () => {
        const central = id("privateDnsZones/privatelink.postgres.database.azure.com", "dns", "central");
        const recording = await record(
            () => new PrivateEndpointAccess("orders", { ...args, privateDnsZone: { id: central } }),
        );
        expect(recording.ofType(zone)).toEqual([]);
        expect(recording.ofType(link)).toEqual([]);
        expect(await valueOf(recording.result.privateDnsZoneId)).toBe(central);
    });

    it("isn't left to the server's deletion, which wouldn't delete it", async () => {
        const recording = await record(() => new PrivateEndpointAccess("orders", args));
        expect(recording.one(endpoint).deletedWith).toBe("");
    });

    it("closes the public endpoint unless it is to be kept", () => {
        expect(privateEndpointNetwork(args)).toEqual({ mode: "PublicAccess", publicNetworkAccess: "Disabled" });
        expect(privateEndpointNetwork({ ...args, publicNetworkAccess: "Enabled" }).publicNetworkAccess).toBe("Enabled");
    });

    it.each([
        ["USGovernment", "privatelink.postgres.database.usgovcloudapi.net"],
        ["China", "privatelink.postgres.database.chinacloudapi.cn"],
    ] as const)("has the zone of the cloud %s", async (cloud, name) => {
        const recording = await record(
            () => new PrivateEndpointAccess("orders", { ...args, server: { ...args.server, cloud } }),
        );
        expect(recording.one(zone).inputs["privateZoneName"]).toBe(name);
    });

    it("refuses a server in a delegated subnet", () => {
        expect(faultyFields({ ...args, server: { ...args.server, networkMode: "VirtualNetworkIntegration" } })).toEqual(
            ["server"],
        );
    });

    it("refuses a zone for delegated subnets, which private endpoints don't use", () => {
        const wrong = id("privateDnsZones/orders.postgres.database.azure.com", "dns");
        expect(faultyFields({ ...args, privateDnsZone: { id: wrong } })).toEqual(["privateDnsZone.id"]);
        expect(faultyFields({ ...args, privateDnsZone: { name: "orders.postgres.database.azure.com" } })).toEqual([
            "privateDnsZone.name",
        ]);
    });

    it("refuses names where ids belong", () => {
        expect(
            faultyFields({
                ...args,
                subnet: { id: "endpoints" },
                server: { ...args.server, serverId: "orders-db" },
                privateDnsZone: { links: { spoke: "spoke" } },
            }),
        ).toEqual(["subnet.id", "privateDnsZone.links.spoke", "server.serverId"]);
    });
});
