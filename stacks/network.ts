/** Makes the virtual network that a stack's configuration asks for, and says where in it the server goes. */
import type * as pulumi from "@pulumi/pulumi";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import type { EntraPostgresNetwork } from "../index";
import type { NetworkSettings } from "./settings";

export function networkOf(settings: NetworkSettings, resourceGroupName: pulumi.Input<string>): EntraPostgresNetwork {
    switch (settings.mode) {
        case "PublicAccess":
            return settings as EntraPostgresNetwork;
        case "VirtualNetworkIntegration": {
            const { firewallAddress, ...rest } = settings;
            return {
                ...rest,
                virtualNetwork: { id: virtualNetworkOf(settings, resourceGroupName).id },
                ...(firewallAddress !== undefined && {
                    routeTable: {
                        routes: [
                            {
                                name: "through-the-firewall",
                                addressPrefix: "0.0.0.0/0",
                                nextHopType: "VirtualAppliance",
                                nextHopIpAddress: firewallAddress,
                            },
                        ],
                    },
                }),
            } as EntraPostgresNetwork;
        }
        case "PrivateEndpoint": {
            const { virtualNetwork: _, subnet, privateDnsZone, ...rest } = settings;
            const network = virtualNetworkOf(settings, resourceGroupName);
            return {
                ...rest,
                subnet: {
                    id: "id" in subnet ? subnet.id : endpointSubnet(network, subnet.addressPrefix, resourceGroupName),
                },
                privateDnsZone: { links: { "virtual-network": network.id }, ...privateDnsZone },
            } as EntraPostgresNetwork;
        }
    }
}

interface Network {
    id: pulumi.Input<string>;
    name: pulumi.Input<string>;
}

function virtualNetworkOf(
    { virtualNetwork }: Exclude<NetworkSettings, { mode: "PublicAccess" }>,
    resourceGroupName: pulumi.Input<string>,
): Network {
    if ("id" in virtualNetwork) return { id: virtualNetwork.id, name: virtualNetwork.id.split("/").at(-1) ?? "" };
    return new VirtualNetwork(
        "orders",
        {
            resourceGroupName,
            virtualNetworkName: "orders",
            addressSpace: { addressPrefixes: [virtualNetwork.addressPrefix] },
        },
        // Subnets are resources of their own; without this an update of the network would take them away.
        { ignoreChanges: ["subnets"] },
    );
}

function endpointSubnet(
    network: Network,
    addressPrefix: string,
    resourceGroupName: pulumi.Input<string>,
): pulumi.Output<string> {
    return new Subnet("endpoints", {
        resourceGroupName,
        virtualNetworkName: network.name,
        subnetName: "endpoints",
        addressPrefix,
    }).id;
}
