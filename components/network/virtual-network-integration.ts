import * as pulumi from "@pulumi/pulumi";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup";
import { RouteTable } from "@pulumi/azure-native/network/routeTable";
import { Subnet } from "@pulumi/azure-native/network/subnet";
import { refuse, within } from "../faults";
import type { DelegatedSubnetNetwork } from "../server/network";
import { type EgressAnalysis, analyse, analysisFromAzure } from "./analysis/egress-analysis";
import { armId } from "./arm-id";
import { delegation, validateExistingSubnet } from "./delegated-subnet";
import { counterpartsOf } from "./egress-plan";
import { EntraEgress, planWithEgress } from "./entra-egress";
import { armIdParts, readSubnet } from "./network-facts";
import { type PrivateDns, createPrivateDns } from "./private-dns";
import { validateReachability } from "./refusal";
import {
    type ExistingDelegatedSubnet,
    type NewDelegatedSubnet,
    type VirtualNetworkIntegrationArgs,
    analyseKnown,
    addsEgress,
    egressArgs,
    existingParts,
    isNewSubnet,
    planNewGroup,
    planNewTable,
    validateVirtualNetworkIntegration,
} from "./virtual-network-plan";
import { delegatedZoneName } from "./zones";

/** A server's network, as `FlexibleServer` takes it, with what must be there before the server. */
export interface IntegratedServerNetwork extends DelegatedSubnetNetwork {
    /** For `dependsOn` of the server: rules, routes, the zone and its links. */
    dependsOn: pulumi.Resource[];
}

/**
 * A network for servers without a public endpoint: a delegated subnet from which Microsoft Entra and Storage are reached, and
 * a private DNS zone that is linked before the server asks for it.
 *
 * Sources: "Network with private access (virtual network integration) for Azure Database for PostgreSQL", "Use Microsoft
 * Entra ID for authentication with Azure Database for PostgreSQL".
 *
 * @throws InvalidArguments with every fault, and with the rule or route that decides when Entra can't be reached
 */
export class VirtualNetworkIntegration extends pulumi.ComponentResource {
    /** What the server's `network` and `dependsOn` are. */
    readonly serverNetwork: IntegratedServerNetwork;
    /** The delegated subnet's ARM id. */
    readonly delegatedSubnetId: pulumi.Output<string>;
    /** The private DNS zone's ARM id. */
    readonly privateDnsZoneId: pulumi.Output<string>;
    /** The private DNS zone's name. */
    readonly privateDnsZoneName: pulumi.Output<string>;
    /** What the subnet reaches, and by which rules and routes. */
    readonly analysis: pulumi.Output<EgressAnalysis>;

    constructor(name: string, args: VirtualNetworkIntegrationArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("VirtualNetworkIntegration", name, validateVirtualNetworkIntegration(name, args));
        super("entra-postgres:index:VirtualNetworkIntegration", name, {}, opts);

        const { delegatedSubnet } = args;
        const egress = addEgress(this);
        const dns = createDns(this);
        const subnet = isNewSubnet(delegatedSubnet)
            ? createSubnet(this, delegatedSubnet)
            : takeSubnet(this, delegatedSubnet);

        this.delegatedSubnetId = subnet.id;
        this.privateDnsZoneId = dns.zoneId;
        this.privateDnsZoneName = dns.zoneName;
        this.analysis = subnet.analysis;
        this.serverNetwork = {
            mode: "VirtualNetworkIntegration",
            delegatedSubnetId: this.delegatedSubnetId,
            privateDnsZoneId: this.privateDnsZoneId,
            dependsOn: [...(egress?.resources ?? []), ...dns.resources, ...subnet.resources],
        };
        this.registerOutputs({
            delegatedSubnetId: this.delegatedSubnetId,
            privateDnsZoneId: this.privateDnsZoneId,
            privateDnsZoneName: this.privateDnsZoneName,
        });

        /** Adds rules and routes to a group and a table that exist. */
        function addEgress(parent: pulumi.Resource): EntraEgress | undefined {
            return addsEgress(args) ? new EntraEgress(name, egressArgs(args), { parent }) : undefined;
        }

        function createDns(parent: pulumi.Resource): PrivateDns {
            const zone = args.privateDnsZone ?? {};
            return createPrivateDns(
                "VirtualNetworkIntegration",
                name,
                {
                    zone,
                    use: { purpose: "VirtualNetworkIntegration", cloud: args.cloud, serverName: args.serverName },
                    defaultName: delegatedZoneName(name, args.cloud),
                    resourceGroupName: args.resourceGroupName,
                    links: {
                        // Without it the virtual network's own machines wouldn't find the server.
                        ...(zone.id === undefined && { "virtual-network": args.virtualNetwork.id }),
                        ...zone.links,
                    },
                },
                parent,
            );
        }

        function createSubnet(parent: pulumi.Resource, { addressPrefix, name: subnetName }: NewDelegatedSubnet) {
            const network = armIdParts(args.virtualNetwork.id, "Microsoft.Network/virtualNetworks");
            const group = groupId();
            const table = tableId();
            const made = new Subnet(
                name,
                {
                    resourceGroupName: network.resourceGroupName,
                    virtualNetworkName: network.name,
                    subnetName: subnetName ?? name,
                    addressPrefix,
                    delegations: [{ name: "flexible-servers", serviceName: delegation }],
                    networkSecurityGroup: { id: group },
                    ...(table && { routeTable: { id: table } }),
                    // The service adds it when it makes a server; without it here the next update would take it away.
                    serviceEndpoints: [{ service: "Microsoft.Storage" }],
                },
                { parent, dependsOn: egress?.resources ?? [] },
            );
            return {
                id: made.id,
                analysis: egress?.analysis ?? pulumi.output(analyseKnown(name, args)),
                resources: [made],
            };

            function groupId(): pulumi.Input<string> {
                const { networkSecurityGroup } = existingParts(args);
                if (networkSecurityGroup) return networkSecurityGroup.id;
                const { planned, others } = planNewGroup(args, addressPrefix);
                return new NetworkSecurityGroup(
                    name,
                    {
                        resourceGroupName: args.resourceGroupName,
                        ...(args.location !== undefined && { location: args.location }),
                        securityRules: judged([...others, ...planned], (securityRules) =>
                            analysisFromAzure({ securityRules }, newTable(), ownSubnet(), surroundings()),
                        ),
                    },
                    { parent },
                ).id;
            }

            function tableId(): pulumi.Input<string> | undefined {
                const { routeTable } = existingParts(args);
                if (routeTable) return routeTable.id;
                const plan = planNewTable(args, addressPrefix);
                if (!plan) return undefined;
                return new RouteTable(
                    name,
                    {
                        resourceGroupName: args.resourceGroupName,
                        ...(args.location !== undefined && { location: args.location }),
                        disableBgpRoutePropagation: plan.disableBgpRoutePropagation,
                        routes: judged([...plan.others, ...plan.planned], (routes) =>
                            analysisFromAzure(undefined, { ...plan, routes }, ownSubnet(), surroundings()),
                        ),
                    },
                    { parent },
                ).id;
            }

            function newTable(): unknown {
                const plan = planNewTable(args, addressPrefix);
                return plan && { ...plan, routes: [...plan.others, ...plan.planned] };
            }

            function ownSubnet() {
                return { addressPrefix, serviceEndpoints: [{ service: "Microsoft.Storage" }] };
            }
        }

        /** The list once it is known and judged: rules and routes with outputs in them are judged here, before they are made. */
        function judged<T extends object>(list: T[], analysisOf: (known: unknown) => EgressAnalysis) {
            return pulumi.output(list).apply((known) => {
                refuse("VirtualNetworkIntegration", name, validateReachability(analysisOf(known)));
                return known;
            });
        }

        /** Checks a subnet that exists: its delegation, who shares it, and what it reaches. */
        function takeSubnet(parent: pulumi.Resource, { id, addressPrefix }: ExistingDelegatedSubnet) {
            if (args.readExisting === false) {
                const analysis = egress?.analysis ?? pulumi.output(analyseKnown(name, args));
                return { id: pulumi.output(id), analysis, resources: [] };
            }
            const checked = pulumi.all([id, addressPrefix]).apply(async ([subnetId, block]) => {
                const facts = await readSubnet(subnetId, { parent });
                refuse(
                    "VirtualNetworkIntegration",
                    name,
                    within("delegatedSubnet", judge(subnetId, block, facts.subnet)),
                );
                const network = {
                    networkSecurityGroup: facts.networkSecurityGroup,
                    routeTable: facts.routeTable,
                    prefix: block,
                };
                const plan = planWithEgress(name, { ...egressArgs(args), subnetAddressPrefix: block }, network);
                const analysis = analyse(plan, counterpartsOf(args));
                refuse("VirtualNetworkIntegration", name, validateReachability(analysis));
                return { subnetId, analysis };
            });
            return {
                id: checked.apply(({ subnetId }) => subnetId),
                analysis: checked.apply(({ analysis }) => analysis),
                resources: [],
            };
        }

        function judge(subnetId: string, block: string, facts: Awaited<ReturnType<typeof readSubnet>>["subnet"]) {
            const faults = validateExistingSubnet(
                "id",
                armId(subnetId, "Microsoft.Network/virtualNetworks/subnets").name,
                facts,
            );
            const blocks = [facts.addressPrefix, ...(facts.addressPrefixes ?? [])].filter((each) => each !== undefined);
            if (blocks.length > 0 && !blocks.includes(block)) {
                faults.push({
                    field: "addressPrefix",
                    given: block,
                    allowed: blocks.join(", "),
                    fix: "Give the subnet's own block: rules and routes are made for it.",
                });
            }
            return faults;
        }

        function surroundings() {
            return { ...args, storageRegion: args.storageRegions?.[0], ...counterpartsOf(args) };
        }
    }
}
