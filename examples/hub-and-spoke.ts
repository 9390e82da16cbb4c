/**
 * Hub and spoke: every connection leaves through a firewall in the hub (forced tunnelling), clients sit in another spoke, and
 * the server still reaches Entra and Storage. Nothing else is let in or out.
 */
import { RouteTable, VirtualNetwork, VirtualNetworkPeering } from "@pulumi/azure-native/network";
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { EntraPostgres } from "../index";

export function hubAndSpoke() {
    const group = new ResourceGroup("orders", { resourceGroupName: "orders", location: "westeurope" });
    const resourceGroupName = group.name;

    const [hub, spoke] = (
        [
            ["hub", "10.0.0.0/16"],
            ["spoke", "10.1.0.0/16"],
        ] as const
    ).map(
        ([name, block]) =>
            new VirtualNetwork(
                name,
                { resourceGroupName, virtualNetworkName: name, addressSpace: { addressPrefixes: [block] } },
                // Subnets and peerings are resources of their own.
                { ignoreChanges: ["subnets", "virtualNetworkPeerings"] },
            ),
    ) as [VirtualNetwork, VirtualNetwork];
    new VirtualNetworkPeering("spoke-to-hub", {
        resourceGroupName,
        virtualNetworkName: spoke.name,
        virtualNetworkPeeringName: "hub",
        remoteVirtualNetwork: { id: hub.id },
        allowForwardedTraffic: true,
        allowVirtualNetworkAccess: true,
    });
    // The applications' own route table; the server's is made by the component.
    new RouteTable("applications", {
        resourceGroupName,
        routeTableName: "applications",
        routes: [
            {
                name: "firewall",
                addressPrefix: "0.0.0.0/0",
                nextHopType: "VirtualAppliance",
                nextHopIpAddress: "10.0.1.4",
            },
        ],
    });

    const orders = new EntraPostgres("orders", {
        resourceGroupName,
        server: {
            version: "17",
            sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
            highAvailability: { mode: "ZoneRedundant" },
            protect: false,
        },
        authentication: { mode: "EntraOnly" },
        administrators: [{ type: "Group", name: "Prod DB Admins" }],
        network: {
            mode: "VirtualNetworkIntegration",
            virtualNetwork: { id: spoke.id },
            delegatedSubnet: { addressPrefix: "10.1.4.0/28" },
            clients: { applications: "10.1.8.0/24", hub: "10.0.2.0/24" },
            denyOther: ["Inbound", "Outbound"],
            routeTable: {
                routes: [
                    {
                        name: "firewall",
                        addressPrefix: "0.0.0.0/0",
                        nextHopType: "VirtualAppliance",
                        nextHopIpAddress: "10.0.1.4",
                    },
                ],
            },
            privateDnsZone: { links: { hub: hub.id } },
        },
        databases: [{ name: "orders" }],
        access: [{ principal: { type: "Group", name: "Prod DB Readonly" }, database: "orders", profile: "Reader" }],
    });
    return { host: orders.host };
}
