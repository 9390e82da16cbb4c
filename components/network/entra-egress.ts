import * as pulumi from "@pulumi/pulumi";
import { Route } from "@pulumi/azure-native/network/route";
import { SecurityRule } from "@pulumi/azure-native/network/securityRule";
import type { Cloud } from "../clouds";
import { type Fault, plain, refuse, within } from "../faults";
import { type EgressAnalysis, analyse } from "./analysis/egress-analysis";
import { type Surroundings, planFromAzure } from "./analysis/from-azure";
import { knownParts, notKnown } from "./analysis/known";
import type { Direction, SecurityRule as AnalysedRule } from "./analysis/security-rules";
import type { SubnetPlan } from "./analysis/subnet-plan";
import { validateArmId } from "./arm-id";
import {
    type EgressOptions,
    type PlannedRoute,
    type PlannedSecurityRule,
    type RulePlacement,
    asRoute,
    asSecurityRule,
    counterpartsOf,
    planRoutes,
    planSecurityRules,
    validateEgress,
} from "./egress-plan";
import {
    type AzureRoute,
    type AzureSecurityRule,
    armIdParts,
    readNetworkSecurityGroup,
    readRouteTable,
} from "./network-facts";
import type { PriorityRange } from "./priorities";
import { validateReachability } from "./refusal";

/** A network security group that somebody else owns. */
export interface ExistingNetworkSecurityGroup {
    /** Its ARM id. */
    id: pulumi.Input<string>;
    /**
     * Priorities set aside for this package's rules that allow.
     * @default 1000 to 1999
     */
    priorities?: PriorityRange;
    /**
     * The rules that it has, in azure-native's form, so that priorities don't meet and that a rule which gets in the way is
     * found.
     * @default - read from Azure when the program runs
     */
    securityRules?: AzureSecurityRule[];
}

/** A route table that somebody else owns. */
export interface ExistingRouteTable {
    /** Its ARM id. */
    id: pulumi.Input<string>;
    /**
     * The routes that it has, in azure-native's form; one that is there already isn't made again.
     * @default - read from Azure when the program runs
     */
    routes?: AzureRoute[];
}

/** What the rules and routes are for, and what surrounds the subnet. */
export type NetworkSurroundings = EgressOptions &
    Omit<Surroundings, "storageRegion" | "cloud"> & {
        /**
         * Whether networks that exist are read from Azure at preview and at deployment, to refuse what can't work. Needs the
         * right to read them.
         * @default true
         */
        readExisting?: boolean;
        /** @default "Public" */
        cloud?: Cloud;
    };

/** What is added to a network security group and a route table that exist. */
export type EntraEgressArgs = NetworkSurroundings & {
    /** The IPv4 block of the delegated subnet. */
    subnetAddressPrefix: pulumi.Input<string>;
    /** @default - no rules are made */
    networkSecurityGroup?: ExistingNetworkSecurityGroup;
    /** @default - no routes are made */
    routeTable?: ExistingRouteTable;
    /**
     * Whether the subnet has a service endpoint for Storage; without one it gets a route of its own.
     * @default true
     */
    storageEndpoint?: boolean;
};

/** Checks the arguments without registering or reading anything. */
export function validateEntraEgress(name: string, args: EntraEgressArgs): Fault[] {
    const faults: Fault[] = [];
    const groupId = plain(args.networkSecurityGroup?.id);
    const tableId = plain(args.routeTable?.id);
    if (groupId !== undefined) {
        faults.push(...validateArmId("networkSecurityGroup.id", groupId, "Microsoft.Network/networkSecurityGroups"));
    }
    if (tableId !== undefined) faults.push(...validateArmId("routeTable.id", tableId, "Microsoft.Network/routeTables"));
    if (args.networkSecurityGroup === undefined && args.routeTable === undefined) {
        faults.push({
            field: "networkSecurityGroup",
            given: undefined,
            allowed: "a network security group, a route table, or both",
            fix: "Name what the rules or routes go into.",
        });
    }
    // While the subnet isn't known its place is taken by one that passes, so that the rest is still checked.
    const prefix = plain(args.subnetAddressPrefix) ?? "10.0.0.0/28";
    faults.push(...validateEgress(prefix, args, placementOf(name, args)));
    if (faults.length > 0) return faults;
    return validateKnownNetwork(name, args, {
        networkSecurityGroup: args.networkSecurityGroup?.securityRules && {
            securityRules: args.networkSecurityGroup.securityRules,
        },
        routeTable: args.routeTable?.routes && { routes: args.routeTable.routes },
        prefix: plain(args.subnetAddressPrefix),
    });
}

/** The security rules to add, by what is given and without reading anything. */
export function planEgressRules(name: string, args: EntraEgressArgs, prefix: string): PlannedSecurityRule[] {
    return args.networkSecurityGroup ? planSecurityRules(prefix, args, placementOf(name, args)) : [];
}

/**
 * The routes to add. A default route may come to somebody else's table at any time, so those that forced tunnelling needs
 * are made too; they change nothing without it.
 */
export function planEgressRoutes(name: string, args: EntraEgressArgs, prefix: string): PlannedRoute[] {
    if (!args.routeTable) return [];
    const existing = (args.routeTable.routes ?? []).map(({ addressPrefix, nextHopType }) =>
        [plain(addressPrefix)?.toLowerCase(), plain(nextHopType)?.toLowerCase()].join(" "),
    );
    return planRoutes(prefix, args, {
        forcedTunnelling: true,
        namePrefix: namePrefixOf(name),
        storageEndpoint: args.storageEndpoint,
    }).filter((route) => !existing.includes(`${route.addressPrefix} ${route.nextHopType}`.toLowerCase()));
}

/**
 * The security rules and routes that Entra sign-in needs, in a network security group and a route table that a network team
 * owns, perhaps in another subscription (give its provider as an option). Each is a resource of its own, made one after
 * another: a group whose rules are written inline in another program would remove them again, so its owner must use separate
 * rules too, or ignore changes of `securityRules` (and of `routes` in a table).
 *
 * @throws InvalidArguments with every fault, and with the rule or route that decides when Entra can't be reached
 */
export class EntraEgress extends pulumi.ComponentResource {
    /** The rules that were made. */
    readonly securityRules: pulumi.Output<PlannedSecurityRule[]>;
    /** The routes that were made. */
    readonly routes: pulumi.Output<PlannedRoute[]>;
    /** What the subnet reaches with them. */
    readonly analysis: pulumi.Output<EgressAnalysis>;
    /** Every rule and route, for `dependsOn` of what needs them. */
    readonly resources: pulumi.Resource[];

    constructor(name: string, args: EntraEgressArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("EntraEgress", name, validateEntraEgress(name, args));
        super("entra-postgres:index:EntraEgress", name, {}, opts);

        const { networkSecurityGroup, routeTable } = args;
        const checked = check(this);
        const prefix = checked.apply((result) => result.prefix);
        this.analysis = checked.apply((result) => result.analysis);
        this.securityRules = prefix.apply((known) => planEgressRules(name, args, known));
        this.routes = prefix.apply((known) => planEgressRoutes(name, args, known));
        this.resources = [];
        addRules(this);
        addRoutes(this);
        this.registerOutputs({ analysis: this.analysis });

        /** Reads what is there, refuses what can't work, and hands on the subnet's block: nothing is made before that. */
        function check(parent: pulumi.Resource): pulumi.Output<{ prefix: string; analysis: EgressAnalysis }> {
            const read = args.readExisting ?? true;
            const group = networkSecurityGroup?.securityRules
                ? { securityRules: networkSecurityGroup.securityRules }
                : read && networkSecurityGroup
                  ? pulumi.output(networkSecurityGroup.id).apply((id) => readNetworkSecurityGroup(id, { parent }))
                  : undefined;
            const table = routeTable?.routes
                ? { routes: routeTable.routes }
                : read && routeTable
                  ? pulumi.output(routeTable.id).apply((id) => readRouteTable(id, { parent }))
                  : undefined;
            return pulumi.all([args.subnetAddressPrefix, group, table]).apply(([known, groupFacts, tableFacts]) => {
                const facts = { networkSecurityGroup: groupFacts, routeTable: tableFacts, prefix: known };
                refuse("EntraEgress", name, [
                    ...validateEgress(known, args, placementOf(name, args)),
                    ...validateKnownNetwork(name, args, facts),
                ]);
                const plan = planOf(name, args, facts);
                return { prefix: known, analysis: analyse(plan, counterpartsOf(args)) };
            });
        }

        function addRules(parent: EntraEgress): void {
            if (!networkSecurityGroup) return;
            const group = armIdParts(networkSecurityGroup.id, "Microsoft.Network/networkSecurityGroups");
            // The names, and so the resources, don't depend on the subnet's block: a placeholder gives them.
            for (const { name: rule } of planEgressRules(name, args, "10.0.0.0/28")) {
                const planned = parent.securityRules.apply((rules) => named(rules, rule));
                add(
                    parent,
                    (resourceOptions) =>
                        new SecurityRule(
                            rule,
                            {
                                resourceGroupName: group.resourceGroupName,
                                networkSecurityGroupName: group.name,
                                securityRuleName: rule,
                                ...fieldsOf(planned),
                            },
                            resourceOptions,
                        ),
                );
            }
        }

        function addRoutes(parent: EntraEgress): void {
            if (!routeTable) return;
            const table = armIdParts(routeTable.id, "Microsoft.Network/routeTables");
            const placeholder = plain(args.subnetAddressPrefix) ?? "10.0.0.0/28";
            for (const { name: route, nextHopType } of planEgressRoutes(name, args, placeholder)) {
                add(
                    parent,
                    (resourceOptions) =>
                        new Route(
                            route,
                            {
                                resourceGroupName: table.resourceGroupName,
                                routeTableName: table.name,
                                routeName: route,
                                addressPrefix: parent.routes.apply((routes) => named(routes, route).addressPrefix),
                                nextHopType,
                            },
                            resourceOptions,
                        ),
                );
            }
        }

        /** One after another: Azure changes a group or table once at a time. */
        function add(parent: EntraEgress, make: (options: pulumi.CustomResourceOptions) => pulumi.Resource): void {
            parent.resources.push(make({ parent, dependsOn: parent.resources.slice(-1) }));
        }
    }
}

/** A planned rule's fields as azure-native takes them. */
function fieldsOf(planned: pulumi.Output<PlannedSecurityRule>) {
    return {
        description: planned.description,
        priority: planned.priority,
        direction: planned.direction,
        access: planned.access,
        protocol: planned.protocol,
        sourceAddressPrefix: planned.sourceAddressPrefix,
        sourcePortRange: planned.sourcePortRange,
        destinationAddressPrefix: planned.destinationAddressPrefix,
        destinationPortRanges: planned.destinationPortRanges,
    };
}

function named<T extends { name: string }>(list: T[], name: string): T {
    const found = list.find((item) => item.name === name);
    if (!found)
        throw new Error(`${name} disappeared from the plan: the routes given for the table must not change it.`);
    return found;
}

/** Rule names start with the component's, so that several can share a network security group. */
function namePrefixOf(name: string): string {
    return name.replace(/[^A-Za-z0-9_.-]+/g, "-").slice(0, 30);
}

function placementOf(name: string, { networkSecurityGroup }: EntraEgressArgs): RulePlacement {
    const taken = (direction: Direction): number[] =>
        (networkSecurityGroup?.securityRules ?? [])
            .filter((rule) => plain(rule.direction)?.toLowerCase() === direction.toLowerCase())
            .flatMap((rule) => plain(rule.priority) ?? []);
    return {
        priorities: networkSecurityGroup?.priorities,
        taken: { Inbound: taken("Inbound"), Outbound: taken("Outbound") },
        namePrefix: namePrefixOf(name),
    };
}

/** What is known of the network before the rules and routes are added. */
export interface NetworkFacts {
    /** The group, or undefined when there is none. */
    networkSecurityGroup: unknown;
    /** The table, or undefined when there is none. */
    routeTable: unknown;
    /** The subnet's block, or undefined while it isn't known. */
    prefix: string | undefined;
}

/** The network as it will be once the rules and routes are added. */
export function planWithEgress(name: string, args: EntraEgressArgs, facts: NetworkFacts): SubnetPlan {
    const { prefix } = facts;
    const before = {
        ...planFromAzure(
            facts.networkSecurityGroup,
            facts.routeTable,
            { addressPrefix: prefix ?? notKnown },
            { ...args, storageRegion: args.storageRegions?.[0] },
        ),
        storageEndpoint: args.storageEndpoint ?? true,
    };
    if (prefix === undefined) return before;
    const rules = planEgressRules(name, args, prefix).map(asSecurityRule);
    const routes = planEgressRoutes(name, args, prefix).map(asRoute);
    return {
        ...before,
        securityRules:
            args.networkSecurityGroup && before.securityRules !== notKnown
                ? merged(before.securityRules ?? [], rules)
                : before.securityRules,
        routes: before.routes === notKnown ? notKnown : merged(before.routes, routes),
    };
}

/** The network as far as this component can tell: of a subnet whose table isn't named, the routes aren't its business. */
function planOf(name: string, args: EntraEgressArgs, facts: NetworkFacts): SubnetPlan {
    return planWithEgress(name, args.routeTable ? args : { ...args, gatewayPrefixes: undefined }, facts);
}

/** What is there with what is planned; of the same name, which an earlier deployment made, the planned one. */
function merged<T extends { name: string }>(there: readonly T[], planned: readonly T[]): T[] {
    const names = new Set(planned.map(({ name }) => name.toLowerCase()));
    return [...there.filter(({ name }) => !names.has(name.toLowerCase())), ...planned];
}

function validateKnownNetwork(name: string, args: EntraEgressArgs, facts: NetworkFacts): Fault[] {
    const plan = planOf(name, args, { ...facts, ...(knownParts(facts) as NetworkFacts) });
    return [
        ...within("networkSecurityGroup", validatePriorities(plan.securityRules)),
        ...within("routeTable", validateRoutePrefixes(name, args, facts)),
        ...validateReachability(analyse(plan, counterpartsOf(args))),
    ];
}

/** Azure refuses two rules with one priority, and two routes with one prefix; the message then names neither. */
function validatePriorities(rules: SubnetPlan["securityRules"]): Fault[] {
    if (rules === undefined || rules === notKnown) return [];
    const seen = new Map<string, AnalysedRule>();
    return rules.flatMap((rule) => {
        if (rule.priority === notKnown || rule.direction === notKnown) return [];
        const place = `${rule.direction} ${String(rule.priority)}`;
        const other = seen.get(place);
        seen.set(place, rule);
        if (!other) return [];
        return [
            {
                field: "priorities",
                given: `${place} for both ${other.name} and ${rule.name}`,
                allowed: "each priority once in a direction",
                fix: "Give a range that the group keeps free, or securityRules with all the rules that it has.",
            },
        ];
    });
}

function validateRoutePrefixes(name: string, args: EntraEgressArgs, { routeTable, prefix }: NetworkFacts): Fault[] {
    if (prefix === undefined || routeTable === undefined) return [];
    const { routes } = planFromAzure(undefined, routeTable, { addressPrefix: prefix });
    if (routes === notKnown) return [];
    return planEgressRoutes(name, args, prefix).flatMap((planned) => {
        const other = routes.find(
            ({ name: there, addressPrefix }) =>
                there.toLowerCase() !== planned.name.toLowerCase() &&
                addressPrefix !== notKnown &&
                addressPrefix.toLowerCase() === planned.addressPrefix.toLowerCase(),
        );
        if (!other) return [];
        return [
            {
                field: "routes",
                given: `route ${other.name} to ${planned.addressPrefix}`,
                allowed: `no other route to ${planned.addressPrefix}, or one in routes that goes to ${planned.nextHopType}`,
                fix: "A table has one route for a prefix. Name the table's routes in routes, and this one isn't made again.",
            },
        ];
    });
}
