import type * as pulumi from "@pulumi/pulumi";
import { type Fault, plain, within } from "../faults";
import { validateInside } from "./address-blocks";
import { type EgressAnalysis, analyse } from "./analysis/egress-analysis";
import { planFromAzure } from "./analysis/from-azure";
import { notKnown } from "./analysis/known";
import { validateArmId } from "./arm-id";
import { validateSubnetName } from "./delegated-subnet";
import {
    type PlannedRoute,
    type PlannedSecurityRule,
    counterpartsOf,
    planRoutes,
    planSecurityRules,
    validateEgress,
} from "./egress-plan";
import {
    type ExistingNetworkSecurityGroup,
    type ExistingRouteTable,
    type NetworkSurroundings,
    type EntraEgressArgs,
    validateEntraEgress,
} from "./entra-egress";
import type { AzureRoute, AzureSecurityRule } from "./network-facts";
import { type PrivateDnsZone, validatePrivateDnsZone } from "./private-dns";
import { validateReachability } from "./refusal";

/** The virtual network that servers live in. It exists: this package makes subnets, not networks. */
export interface VirtualNetwork {
    /**
     * Its ARM id. A virtual network whose subnets are written inline in its own resource removes every other subnet at its
     * next update: write them as resources of their own, or ignore changes of `subnets`.
     */
    id: pulumi.Input<string>;
}

/** A subnet that is made here, delegated to flexible servers, with a service endpoint for Storage. */
export interface NewDelegatedSubnet {
    id?: never;
    /** Its IPv4 block, /28 or larger; it can't grow once servers are in it. */
    addressPrefix: string;
    /**
     * 1 to 80 characters, not a name that Azure keeps for itself.
     * @default - the component's name
     */
    name?: string;
}

/** A subnet that somebody else made and delegated. */
export interface ExistingDelegatedSubnet {
    /** Its ARM id. */
    id: pulumi.Input<string>;
    /** Its IPv4 block. */
    addressPrefix: pulumi.Input<string>;
    name?: never;
}

/** A network security group that is made here, with all its rules inline. */
export interface NewNetworkSecurityGroup {
    id?: never;
    /**
     * Rules besides those that the server needs, in azure-native's form; their priorities must not be from 1000 to 1999.
     * @default - none
     */
    securityRules?: AzureSecurityRule[];
}

/** A route table that is made here, with all its routes inline. */
export interface NewRouteTable {
    id?: never;
    /** Routes besides those that the server needs, in azure-native's form, such as the default route to a firewall. */
    routes: AzureRoute[];
    /**
     * Whether routes that a gateway learns by BGP are kept out.
     * @default false
     */
    disableBgpRoutePropagation?: boolean;
}

/** A delegated subnet that is made, with its rules and routes. */
export interface NewSubnetNetwork {
    /** The subnet to make. */
    delegatedSubnet: NewDelegatedSubnet;
    /** @default - one is made, with the rules that the server needs */
    networkSecurityGroup?: NewNetworkSecurityGroup | ExistingNetworkSecurityGroup;
    /** @default - none */
    routeTable?: NewRouteTable | ExistingRouteTable;
}

/** A delegated subnet that exists, with what its owner put around it. */
export interface ExistingSubnetNetwork {
    /** The subnet that exists. */
    delegatedSubnet: ExistingDelegatedSubnet;
    /**
     * The group attached to the subnet, to have the rules added that the server needs.
     * @default - its owner has added them; whether that is so is checked
     */
    networkSecurityGroup?: ExistingNetworkSecurityGroup;
    /**
     * The table attached to the subnet, to have the routes added that the server needs.
     * @default - its owner has added them; whether that is so is checked
     */
    routeTable?: ExistingRouteTable;
}

/** The network of servers in a delegated subnet, without what every part of a program knows anyway. */
export type VirtualNetworkSettings = NetworkSurroundings &
    (NewSubnetNetwork | ExistingSubnetNetwork) & {
        virtualNetwork: VirtualNetwork;
        /**
         * The zone in which the servers' names are written. It is made and linked before the server.
         * @default - a new one, linked with the virtual network
         */
        privateDnsZone?: PrivateDnsZone;
    };

/** The network of servers in a delegated subnet. */
export type VirtualNetworkIntegrationArgs = VirtualNetworkSettings & {
    /** The resource group of what is made here; the subnet goes to its virtual network's. */
    resourceGroupName: pulumi.Input<string>;
    /**
     * The region of what is made here: the virtual network's, which must be the server's too.
     * @default - the resource group's
     */
    location?: pulumi.Input<string>;
    /** The server's name, if it is known: a zone can't have it as its only label. */
    serverName?: string;
};

export function isNewSubnet(subnet: NewDelegatedSubnet | ExistingDelegatedSubnet): subnet is NewDelegatedSubnet {
    return subnet.id === undefined;
}

export function isNew<T extends { id?: never }>(resource: T | { id: pulumi.Input<string> }): resource is T {
    return resource.id === undefined;
}

/** Checks the arguments without registering or reading anything. */
export function validateVirtualNetworkIntegration(name: string, args: VirtualNetworkIntegrationArgs): Fault[] {
    const { virtualNetwork, delegatedSubnet, networkSecurityGroup, routeTable, privateDnsZone } = args;
    const prefix = plain(delegatedSubnet.addressPrefix) ?? "10.0.0.0/28";
    const faults = within("delegatedSubnet", validateSubnet(name, args)).concat(
        validateEgress(prefix, args).filter(({ field }) => field !== "subnetAddressPrefix"),
        within(
            "delegatedSubnet",
            validateEgress(prefix, {})
                .filter(({ field }) => field === "subnetAddressPrefix")
                .map((fault) => ({ ...fault, field: "addressPrefix" })),
        ),
        within("delegatedSubnet", validateInside("addressPrefix", prefix, known(args) ? args.addressSpace : undefined)),
        within(
            "privateDnsZone",
            validatePrivateDnsZone(privateDnsZone ?? {}, {
                purpose: "VirtualNetworkIntegration",
                cloud: args.cloud,
                serverName: args.serverName,
            }),
        ),
    );
    const networkId = plain(virtualNetwork.id);
    if (networkId !== undefined) {
        faults.push(...validateArmId("virtualNetwork.id", networkId, "Microsoft.Network/virtualNetworks"));
    }
    if (!isNewSubnet(delegatedSubnet) && [networkSecurityGroup, routeTable].some((given) => given && isNew(given))) {
        faults.push({
            field: "networkSecurityGroup",
            given: "a new network security group or route table for a subnet that exists",
            allowed: "the id of the one attached to the subnet, or nothing",
            fix: "Attaching another would change a subnet that somebody else owns.",
        });
    }
    if (faults.length > 0) return faults;
    return [...faults, ...validateRules(name, args), ...validateReachability(analyseKnown(name, args))];
}

/** Whether the subnet's block is given as a plain value. */
function known({ delegatedSubnet }: VirtualNetworkIntegrationArgs): boolean {
    return plain(delegatedSubnet.addressPrefix) !== undefined;
}

function validateSubnet(name: string, { delegatedSubnet }: VirtualNetworkIntegrationArgs): Fault[] {
    if (isNewSubnet(delegatedSubnet)) return validateSubnetName("name", delegatedSubnet.name ?? name);
    const id = plain(delegatedSubnet.id);
    return id === undefined ? [] : validateArmId("id", id, "Microsoft.Network/virtualNetworks/subnets");
}

/** The rules and routes added to a group and a table that exist are checked by the component that adds them. */
function validateRules(name: string, args: VirtualNetworkIntegrationArgs): Fault[] {
    return addsEgress(args) ? validateEntraEgress(name, egressArgs(args)) : [];
}

/** Whether anything is added to a group or a table that exists. */
export function addsEgress(args: VirtualNetworkIntegrationArgs): boolean {
    const { networkSecurityGroup, routeTable } = existingParts(args);
    return networkSecurityGroup !== undefined || routeTable !== undefined;
}

/** What is added to a group and a table that exist. */
export function egressArgs(args: VirtualNetworkIntegrationArgs): EntraEgressArgs {
    const { networkSecurityGroup: _group, routeTable: _table, delegatedSubnet, ...rest } = args;
    return { ...rest, ...existingParts(args), subnetAddressPrefix: delegatedSubnet.addressPrefix };
}

/** The group and table that exist and get rules and routes added. */
export function existingParts({ networkSecurityGroup, routeTable }: VirtualNetworkIntegrationArgs): {
    networkSecurityGroup?: ExistingNetworkSecurityGroup;
    routeTable?: ExistingRouteTable;
} {
    return {
        ...(networkSecurityGroup && !isNew(networkSecurityGroup) && { networkSecurityGroup }),
        ...(routeTable && !isNew(routeTable) && { routeTable }),
    };
}

/** The rules of a group that is made here: those that the server needs, whose priorities are fixed, and the caller's. */
export function planNewGroup(
    args: VirtualNetworkIntegrationArgs,
    prefix: string,
): { planned: PlannedSecurityRule[]; others: AzureSecurityRule[] } {
    const group = args.networkSecurityGroup;
    const others = group && isNew(group) ? (group.securityRules ?? []) : [];
    const taken = others.flatMap(({ priority }) => plain(priority) ?? []);
    return { planned: planSecurityRules(prefix, args, { taken: { Inbound: taken, Outbound: taken } }), others };
}

/** The routes of a table that is made here, or nothing when there is none. */
export function planNewTable(
    args: VirtualNetworkIntegrationArgs,
    prefix: string,
): { planned: PlannedRoute[]; others: AzureRoute[]; disableBgpRoutePropagation: boolean } | undefined {
    const table = args.routeTable;
    if (!table || !isNew(table)) return undefined;
    const others = table.routes;
    const given = others.map(({ addressPrefix }) => plain(addressPrefix)?.toLowerCase());
    return {
        planned: planRoutes(prefix, args, { forcedTunnelling: true }).filter(
            ({ addressPrefix }) => !given.includes(addressPrefix.toLowerCase()),
        ),
        others,
        disableBgpRoutePropagation: table.disableBgpRoutePropagation ?? false,
    };
}

/** What a subnet made here will reach, as far as the arguments tell; parts that exist are judged when they are read. */
export function analyseKnown(name: string, args: VirtualNetworkIntegrationArgs): EgressAnalysis {
    const prefix = plain(args.delegatedSubnet.addressPrefix);
    const { networkSecurityGroup, routeTable } = existingParts(args);
    const isOwn = isNewSubnet(args.delegatedSubnet) && prefix !== undefined;
    const group = isOwn && !networkSecurityGroup ? newGroup(args, prefix) : undefined;
    const table = isOwn && !routeTable ? newTable(args, prefix) : undefined;
    return analyse(
        planFromAzure(
            group,
            table,
            { addressPrefix: isOwn ? prefix : notKnown, serviceEndpoints: [{ service: "Microsoft.Storage" }] },
            { ...args, storageRegion: args.storageRegions?.[0] },
        ),
        counterpartsOf(args),
    );

    function newGroup(given: VirtualNetworkIntegrationArgs, block: string): unknown {
        const { planned, others } = planNewGroup(given, block);
        return { name, securityRules: [...others, ...planned] };
    }

    function newTable(given: VirtualNetworkIntegrationArgs, block: string): unknown {
        const made = planNewTable(given, block);
        return made && { ...made, routes: [...made.others, ...made.planned] };
    }
}
