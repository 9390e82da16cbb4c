import { type Fault, within } from "../faults";
import type { Counterparts } from "./analysis/egress-analysis";
import type { Route } from "./analysis/routes";
import type { Direction, SecurityAccess, SecurityRule } from "./analysis/security-rules";
import { plainRegion } from "./analysis/service-tags";
import { validateAddressBlock, validateDelegatedPrefix } from "./address-blocks";
import {
    type PriorityRange,
    type TakenPriorities,
    assignPriorities,
    lastFreePriority,
    priorityLimits,
} from "./priorities";

/** What the network must let a server in a delegated subnet do. */
export interface EgressOptions {
    /**
     * Clients that connect, each a block by a name of your own, such as `{ app: "10.0.8.0/24" }`.
     * @default - none beyond what the other rules let in
     */
    clients?: Record<string, string> | undefined;
    /**
     * Whether clients may connect to PgBouncer on port 6432 as well as to PostgreSQL on 5432.
     * @default true
     */
    pgBouncer?: boolean | undefined;
    /**
     * The subnets of the server's primary or read replicas, each a block by a name of your own.
     * @default - none
     */
    replicaSubnets?: Record<string, string> | undefined;
    /**
     * Regions whose Storage the server may reach, such as `westeurope`; with replicas in other regions name theirs too.
     * @default - Storage in every region
     */
    storageRegions?: readonly string[] | undefined;
    /**
     * Directions in which everything else is denied. Azure's default rules otherwise let the whole virtual network in, and
     * every connection to the Internet out.
     * @default - none
     */
    denyOther?: readonly Direction[] | undefined;
}

/** Where the rules go among those that are there. */
export interface RulePlacement {
    /**
     * Priorities for the rules that allow. A rule of the network security group that denies the same traffic must have a
     * higher number.
     * @default 1000 to 1999
     */
    priorities?: PriorityRange | undefined;
    /** Priorities that other rules have. @default - none */
    taken?: TakenPriorities | undefined;
    /**
     * What the rules' names start with. Two sets of rules in one network security group need two.
     * @default "entra-postgres"
     */
    namePrefix?: string | undefined;
}

/** What decides the routes. */
export interface RouteNeeds {
    /**
     * Whether a default route takes traffic to a firewall: from a route table (a virtual appliance) or by BGP (a gateway).
     * @default false
     */
    forcedTunnelling?: boolean | undefined;
    /**
     * Whether the subnet has a service endpoint for Storage, which is a route of its own.
     * @default true
     */
    storageEndpoint?: boolean | undefined;
    /**
     * What the routes' names start with.
     * @default "entra-postgres"
     */
    namePrefix?: string | undefined;
}

/** A security rule in Azure's terms. */
export interface PlannedSecurityRule {
    /** The rule's name, with the prefix of these rules. */
    name: string;
    /** What the rule is for. */
    description: string;
    /** 100 to 4096; the lower number is read first. */
    priority: number;
    /** Whether it is about connections into the subnet or out of it. */
    direction: Direction;
    /** Whether it lets them through. */
    access: SecurityAccess;
    /** TCP, or all for what denies the rest. */
    protocol: "Tcp" | "*";
    /** A CIDR block, a service tag or `*`. */
    sourceAddressPrefix: string;
    /** Always all: a client chooses its port. */
    sourcePortRange: "*";
    /** A CIDR block, a service tag or `*`. */
    destinationAddressPrefix: string;
    /** Ports such as `443`, ranges such as `5432-6432`, or `*`. */
    destinationPortRanges: string[];
}

/** A route in Azure's terms. */
export interface PlannedRoute {
    /** The route's name, with the prefix of these routes. */
    name: string;
    /** A CIDR block or a service tag. */
    addressPrefix: string;
    /** `Internet` leads past an appliance; `VnetLocal` stays in the virtual network. */
    nextHopType: "Internet" | "VnetLocal";
}

const defaultNamePrefix = "entra-postgres";
const defaultRange: PriorityRange = { from: 1000, to: 1999 };
/** Where the rule that denies the rest goes: after all others, which may take these numbers too. */
const lastRange: PriorityRange = { from: 4000, to: priorityLimits.highest };

/** Checks what {@link planSecurityRules} and {@link planRoutes} are given. */
export function validateEgress(subnet: string, options: EgressOptions, placement: RulePlacement = {}): Fault[] {
    const faults = [
        ...validateDelegatedPrefix("subnetAddressPrefix", subnet),
        ...within("clients", validateBlocks(options.clients ?? {})),
        ...within("replicaSubnets", validateBlocks(options.replicaSubnets ?? {})),
        ...(options.storageRegions ?? []).flatMap((region, index) => validateRegion(index, region)),
        ...validateRange(placement.priorities ?? defaultRange),
    ];
    if (options.storageRegions?.length === 0) {
        faults.push({
            field: "storageRegions",
            given: [],
            allowed: "at least one region, or nothing for all",
            fix: "The server writes its log and backups to Storage.",
        });
    }
    if (faults.length === 0 && !tryPlan(subnet, options, placement)) {
        const { from, to } = placement.priorities ?? defaultRange;
        faults.push({
            field: "priorities",
            given: { from, to },
            allowed: `a range with free numbers for every rule, and one from ${String(lastRange.from)} to ${String(lastRange.to)} for a rule that denies the rest`,
            fix: "Give a wider range, or remove rules that nobody needs.",
        });
    }
    return faults;
}

/**
 * The security rules that a server with Entra sign-in needs on its delegated subnet: 5432 within the subnet and between
 * primary and replicas in both directions, 5432 and 6432 from clients, and HTTPS to `AzureActiveDirectory` and `Storage`.
 *
 * Sources: "Network with private access (virtual network integration) for Azure Database for PostgreSQL", "Use Microsoft
 * Entra ID for authentication with Azure Database for PostgreSQL".
 *
 * @throws Error when the arguments don't pass {@link validateEgress}
 */
export function planSecurityRules(
    subnet: string,
    options: EgressOptions,
    placement: RulePlacement = {},
): PlannedSecurityRule[] {
    const plan = tryPlan(subnet, options, placement);
    if (!plan) throw new Error("The range of priorities has too few free numbers: check it with validateEgress first.");
    return plan;
}

/**
 * The routes that a server with Entra sign-in needs: to Entra directly, and where a default route leads to a firewall also
 * within the subnet, and to Storage unless the subnet has a service endpoint for it.
 *
 * Source: "Network with private access (virtual network integration) for Azure Database for PostgreSQL".
 */
export function planRoutes(subnet: string, options: EgressOptions, needs: RouteNeeds = {}): PlannedRoute[] {
    const namePrefix = needs.namePrefix ?? defaultNamePrefix;
    const routes: PlannedRoute[] = [
        { name: `${namePrefix}-entra`, addressPrefix: "AzureActiveDirectory", nextHopType: "Internet" },
    ];
    if (needs.forcedTunnelling !== true) return routes;
    routes.push({ name: `${namePrefix}-subnet`, addressPrefix: subnet, nextHopType: "VnetLocal" });
    if (needs.storageEndpoint === false) {
        routes.push(
            ...storageTags(options).map(({ suffix, tag }): PlannedRoute => ({
                name: `${namePrefix}-storage${suffix}`,
                addressPrefix: tag,
                nextHopType: "Internet",
            })),
        );
    }
    return routes;
}

/** Whom the analysis asks about. */
export function counterpartsOf({ clients, pgBouncer, replicaSubnets }: EgressOptions): Required<Counterparts> {
    return {
        clients: Object.values(clients ?? {}),
        pgBouncer: pgBouncer ?? true,
        replicas: Object.values(replicaSubnets ?? {}),
    };
}

/** A planned rule as the analysis reads it. */
export function asSecurityRule(rule: PlannedSecurityRule): SecurityRule {
    return {
        name: rule.name,
        priority: rule.priority,
        direction: rule.direction,
        access: rule.access,
        protocol: rule.protocol,
        sourceAddressPrefixes: [rule.sourceAddressPrefix],
        destinationAddressPrefixes: [rule.destinationAddressPrefix],
        sourcePortRanges: [rule.sourcePortRange],
        destinationPortRanges: rule.destinationPortRanges,
    };
}

/** A planned route as the analysis reads it. */
export function asRoute(route: PlannedRoute): Route {
    return { ...route, source: "User" };
}

type Draft = Omit<PlannedSecurityRule, "priority">;

function tryPlan(subnet: string, options: EgressOptions, placement: RulePlacement): PlannedSecurityRule[] | undefined {
    const { priorities: range = defaultRange, taken = {}, namePrefix = defaultNamePrefix } = placement;
    const named = (draft: Draft): Draft => ({ ...draft, name: `${namePrefix}-${draft.name}` });
    const drafts = draftRules(subnet, options).map(named);
    const rules: PlannedSecurityRule[] = [];
    for (const direction of ["Inbound", "Outbound"] as const) {
        const own = drafts.filter((draft) => draft.direction === direction);
        const others = taken[direction] ?? [];
        const assigned = assignPriorities(
            own.map(({ name }) => name),
            range,
            others,
        );
        if (!assigned) return undefined;
        for (const draft of own) {
            const priority = assigned.get(draft.name);
            if (priority !== undefined) rules.push({ ...draft, priority });
        }
        if (options.denyOther?.includes(direction) !== true) continue;
        const last = lastFreePriority(lastRange, [...others, ...assigned.values()]);
        if (last === undefined || [...assigned.values()].some((priority) => priority > last)) return undefined;
        rules.push({ ...named(denial(direction)), priority: last });
    }
    return rules;
}

function draftRules(subnet: string, options: EgressOptions): Draft[] {
    const ports = options.pgBouncer === false ? ["5432"] : ["5432", "6432"];
    return [
        allow("Outbound", "entra", "Microsoft Entra: sign-in and directory", subnet, "AzureActiveDirectory", ["443"]),
        ...storageTags(options).map(({ suffix, tag }) =>
            allow("Outbound", `storage${suffix}`, "Storage: write-ahead log and backups", subnet, tag, ["443"]),
        ),
        ...(["Inbound", "Outbound"] as const).map((direction) =>
            allow(direction, "replication", "High availability within the subnet", subnet, subnet, ["5432"]),
        ),
        ...Object.entries(options.replicaSubnets ?? {}).flatMap(([name, other]) => [
            allow("Inbound", `replica-${name}`, "Primary and replica", other, subnet, ["5432"]),
            allow("Outbound", `replica-${name}`, "Primary and replica", subnet, other, ["5432"]),
        ]),
        ...Object.entries(options.clients ?? {}).map(([name, block]) =>
            allow("Inbound", `client-${name}`, "Clients", block, subnet, ports),
        ),
    ];
}

function allow(
    direction: Direction,
    name: string,
    description: string,
    source: string,
    destination: string,
    ports: string[],
): Draft {
    return {
        name: `${name}-${direction === "Inbound" ? "in" : "out"}`,
        description,
        direction,
        access: "Allow",
        protocol: "Tcp",
        sourceAddressPrefix: source,
        sourcePortRange: "*",
        destinationAddressPrefix: destination,
        destinationPortRanges: ports,
    };
}

function denial(direction: Direction): Draft {
    return {
        ...allow(direction, "deny-other", "Everything that no other rule allows", "*", "*", ["*"]),
        access: "Deny",
        protocol: "*",
    };
}

function storageTags({ storageRegions }: EgressOptions): { suffix: string; tag: string }[] {
    if (storageRegions === undefined) return [{ suffix: "", tag: "Storage" }];
    return [...new Set(storageRegions.map(plainRegion))].map((region) => ({
        suffix: `-${region}`,
        tag: `Storage.${region}`,
    }));
}

const keyShape = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9_])?$/;

function validateBlocks(blocks: Record<string, string>): Fault[] {
    const names = Object.keys(blocks).map((key) => key.toLowerCase());
    return Object.entries(blocks).flatMap(([key, block], index) => {
        const faults = validateAddressBlock(key, block);
        if (!keyShape.test(key)) {
            faults.push({
                field: key,
                given: key,
                allowed: "1 to 40 letters, digits, dots, hyphens and underscores as a name",
                fix: "The name becomes part of the security rule's.",
            });
        }
        if (names.indexOf(key.toLowerCase()) < index) {
            faults.push({
                field: key,
                given: key,
                allowed: "each name once, whatever its case",
                fix: "Rename one of the two; Azure would take their rules for one.",
            });
        }
        return faults;
    });
}

function validateRegion(index: number, region: string): Fault[] {
    if (/^[a-z]+[a-z0-9]*$/.test(plainRegion(region))) return [];
    return [
        {
            field: `storageRegions[${String(index)}]`,
            given: region,
            allowed: "a region such as westeurope",
            fix: "Give the name that `az account list-locations` shows.",
        },
    ];
}

function validateRange({ from, to }: PriorityRange): Fault[] {
    const { lowest, highest } = priorityLimits;
    if (Number.isInteger(from) && Number.isInteger(to) && from >= lowest && to <= highest && from <= to) return [];
    return [
        {
            field: "priorities",
            given: { from, to },
            allowed: `whole numbers from ${String(lowest)} to ${String(highest)}, from not above to`,
            fix: "Azure keeps the numbers outside for its own rules.",
        },
    ];
}
