/**
 * The network team owns the delegated subnet, its network security group and its route table. This program adds the rules and
 * routes that Entra needs to theirs, at priorities that they set aside, and puts the server into their subnet.
 */
import { NetworkSecurityGroup, RouteTable, Subnet, VirtualNetwork } from "@pulumi/azure-native/network";
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { EntraPostgres } from "../index";

/** What the network team's stack has made; in real life its ids come from a stack reference. */
export function networkTeam() {
    const group = new ResourceGroup("network", { resourceGroupName: "network-team", location: "westeurope" });
    const resourceGroupName = group.name;
    const network = new VirtualNetwork(
        "corporate",
        { resourceGroupName, virtualNetworkName: "corporate", addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
        { ignoreChanges: ["subnets"] },
    );
    const securityGroup = new NetworkSecurityGroup(
        "databases",
        {
            resourceGroupName,
            networkSecurityGroupName: "databases",
            securityRules: [
                {
                    name: "deny-internet",
                    priority: 4000,
                    direction: "Outbound",
                    access: "Deny",
                    protocol: "*",
                    sourceAddressPrefix: "*",
                    sourcePortRange: "*",
                    destinationAddressPrefix: "Internet",
                    destinationPortRange: "*",
                },
            ],
        },
        // Other teams add rules of their own.
        { ignoreChanges: ["securityRules"] },
    );
    const routeTable = new RouteTable(
        "databases",
        {
            resourceGroupName,
            routeTableName: "databases",
            routes: [
                {
                    name: "firewall",
                    addressPrefix: "0.0.0.0/0",
                    nextHopType: "VirtualAppliance",
                    nextHopIpAddress: "10.0.1.4",
                },
            ],
        },
        { ignoreChanges: ["routes"] },
    );
    const subnet = new Subnet("databases", {
        resourceGroupName,
        virtualNetworkName: network.name,
        subnetName: "databases",
        addressPrefix: "10.0.4.0/27",
        networkSecurityGroup: { id: securityGroup.id },
        routeTable: { id: routeTable.id },
        serviceEndpoints: [{ service: "Microsoft.Storage" }],
        delegations: [{ name: "flexible-servers", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
    });
    return { network, securityGroup, routeTable, subnet };
}

export function subnetOfAnotherTeam() {
    const { network, securityGroup, routeTable, subnet } = networkTeam();

    const group = new ResourceGroup("orders", { resourceGroupName: "orders", location: "westeurope" });
    const orders = new EntraPostgres("orders", {
        resourceGroupName: group.name,
        server: { version: "17", sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" }, protect: false },
        authentication: { mode: "EntraOnly" },
        administrators: [{ type: "Group", name: "Prod DB Admins" }],
        network: {
            mode: "VirtualNetworkIntegration",
            virtualNetwork: { id: network.id },
            delegatedSubnet: { id: subnet.id, addressPrefix: "10.0.4.0/27" },
            networkSecurityGroup: { id: securityGroup.id, priorities: { from: 1000, to: 1099 } },
            routeTable: { id: routeTable.id },
        },
        databases: [{ name: "orders" }],
        access: [{ principal: { type: "Group", name: "Prod DB Readonly" }, database: "orders", profile: "Reader" }],
    });
    return { host: orders.host };
}
