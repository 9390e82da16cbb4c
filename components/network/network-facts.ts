import * as pulumi from "@pulumi/pulumi";
import { getNetworkSecurityGroup } from "@pulumi/azure-native/network/getNetworkSecurityGroup";
import { getRouteTable } from "@pulumi/azure-native/network/getRouteTable";
import { getSubnet } from "@pulumi/azure-native/network/getSubnet";
import type { input } from "@pulumi/azure-native/types";
import { type ArmId, armId } from "./arm-id";

/** A security rule in azure-native's form. */
export type AzureSecurityRule = input.network.SecurityRuleArgs;
/** A route in azure-native's form. */
export type AzureRoute = input.network.RouteArgs;

/** What azure-native says of a subnet that exists, and of the group and table attached to it. */
export interface SubnetFacts {
    subnet: Awaited<ReturnType<typeof getSubnet>>;
    networkSecurityGroup: unknown;
    routeTable: unknown;
}

/** Reads a network security group. Resource Manager answers with everything but the default rules apart. */
export async function readNetworkSecurityGroup(id: string, opts: pulumi.InvokeOptions): Promise<unknown> {
    const { resourceGroupName, name } = armId(id, "Microsoft.Network/networkSecurityGroups");
    return getNetworkSecurityGroup({ resourceGroupName, networkSecurityGroupName: name }, opts);
}

/** Reads a route table. */
export async function readRouteTable(id: string, opts: pulumi.InvokeOptions): Promise<unknown> {
    const { resourceGroupName, name } = armId(id, "Microsoft.Network/routeTables");
    return getRouteTable({ resourceGroupName, routeTableName: name }, opts);
}

/** Reads a subnet with the network security group and the route table that are attached to it. */
export async function readSubnet(id: string, opts: pulumi.InvokeOptions): Promise<SubnetFacts> {
    const { resourceGroupName, name, parents } = armId(id, "Microsoft.Network/virtualNetworks/subnets");
    const subnet = await getSubnet({ resourceGroupName, virtualNetworkName: parents[0] ?? "", subnetName: name }, opts);
    const [networkSecurityGroup, routeTable] = await Promise.all([
        subnet.networkSecurityGroup?.id === undefined
            ? undefined
            : readNetworkSecurityGroup(subnet.networkSecurityGroup.id, opts),
        subnet.routeTable?.id === undefined ? undefined : readRouteTable(subnet.routeTable.id, opts),
    ]);
    return { subnet, networkSecurityGroup, routeTable };
}

/** The parts of an id that may not be known yet. */
export function armIdParts(id: pulumi.Input<string>, type: Parameters<typeof armId>[1]): pulumi.Output<ArmId> {
    return pulumi.output(id).apply((known) => armId(known, type));
}
