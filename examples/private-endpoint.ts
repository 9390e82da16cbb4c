/** A private endpoint is the only way in: the public endpoint is closed. */
import { Subnet, VirtualNetwork } from "@pulumi/azure-native/network";
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { EntraPostgres } from "../index";

export function privateEndpoint() {
    const group = new ResourceGroup("orders", { resourceGroupName: "orders", location: "westeurope" });
    const network = new VirtualNetwork(
        "applications",
        {
            resourceGroupName: group.name,
            virtualNetworkName: "applications",
            addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
        },
        { ignoreChanges: ["subnets"] },
    );
    const endpoints = new Subnet("endpoints", {
        resourceGroupName: group.name,
        virtualNetworkName: network.name,
        subnetName: "endpoints",
        addressPrefix: "10.0.9.0/26",
    });
    const orders = new EntraPostgres("orders", {
        resourceGroupName: group.name,
        server: { version: "17", sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" }, protect: false },
        authentication: { mode: "EntraOnly" },
        administrators: [{ type: "Group", name: "Prod DB Admins" }],
        network: {
            mode: "PrivateEndpoint",
            subnet: { id: endpoints.id },
            publicNetworkAccess: "Disabled",
            privateDnsZone: { links: { applications: network.id } },
        },
        databases: [{ name: "orders" }],
        access: [{ principal: { type: "Group", name: "Prod DB Readonly" }, database: "orders", profile: "Reader" }],
    });
    return { host: orders.host };
}
