/**
 * Private DNS zones belong to a central team, in another resource group or subscription: the server's name is written into
 * the zone that exists, and this program links its own network with it.
 */
import { VirtualNetwork } from "@pulumi/azure-native/network";
import { PrivateZone } from "@pulumi/azure-native/privatedns";
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { EntraPostgres } from "../index";

export function centralDnsZones() {
    // What the central team has: in real life their ids come from a stack reference or configuration, and `provider` in
    // `privateDnsZone` says how to sign in to their subscription.
    const central = new ResourceGroup("central", { resourceGroupName: "central-dns", location: "westeurope" });
    const zone = new PrivateZone("central", {
        resourceGroupName: central.name,
        privateZoneName: "databases.private.postgres.database.azure.com",
        location: "Global",
    });

    const group = new ResourceGroup("orders", { resourceGroupName: "orders", location: "westeurope" });
    const network = new VirtualNetwork(
        "spoke",
        {
            resourceGroupName: group.name,
            virtualNetworkName: "spoke",
            addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
        },
        { ignoreChanges: ["subnets"] },
    );
    const orders = new EntraPostgres("orders", {
        resourceGroupName: group.name,
        server: { version: "17", sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" }, protect: false },
        authentication: { mode: "EntraOnly" },
        administrators: [{ type: "Group", name: "Prod DB Admins" }],
        network: {
            mode: "VirtualNetworkIntegration",
            virtualNetwork: { id: network.id },
            delegatedSubnet: { addressPrefix: "10.1.4.0/28" },
            privateDnsZone: { id: zone.id, links: { spoke: network.id } },
        },
        databases: [{ name: "orders" }],
        access: [{ principal: { type: "Group", name: "Prod DB Readonly" }, database: "orders", profile: "Reader" }],
    });
    return { host: orders.host };
}
