import { AddressSet } from "./address-set";
import { type Known, notKnown } from "./known";
import { type Membership, type TagScope, membership } from "./service-tags";

/** Which way a rule looks. */
export type Direction = "Inbound" | "Outbound";
/** What a rule does with what it matches. */
export type SecurityAccess = "Allow" | "Deny";

/**
 * A rule of a network security group. An address is a CIDR block, a single address, a service tag or `*`.
 * Source: "Azure network security groups overview".
 */
export interface SecurityRule {
    /** The rule's name in its group. */
    name: string;
    /** 100 to 4096 for a rule of one's own; the lower number is read first. */
    priority: Known<number>;
    /** Whether it is about connections into the subnet or out of it. */
    direction: Known<Direction>;
    /** Whether it lets them through. */
    access: Known<SecurityAccess>;
    /** `Tcp`, `Udp`, `Icmp`, `Esp`, `Ah` or `*`. */
    protocol: Known<string>;
    /** Where connections come from. */
    sourceAddressPrefixes: Known<readonly Known<string>[]>;
    /** Where they go. */
    destinationAddressPrefixes: Known<readonly Known<string>[]>;
    /** Ports such as `443`, ranges such as `5432-6432`, or `*`. */
    sourcePortRanges: Known<readonly Known<string>[]>;
    /** As `sourcePortRanges`, of the other end. */
    destinationPortRanges: Known<readonly Known<string>[]>;
}

/** The rules that every network security group ends with. */
export const defaultSecurityRules: readonly SecurityRule[] = [
    defaultRule("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    defaultRule("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
    defaultRule("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
    defaultRule("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    defaultRule("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
    defaultRule("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
];

function defaultRule(
    name: string,
    priority: number,
    direction: Direction,
    access: SecurityAccess,
    source: string,
    destination: string,
): SecurityRule {
    return {
        name,
        priority,
        direction,
        access,
        protocol: "*",
        sourceAddressPrefixes: [source],
        destinationAddressPrefixes: [destination],
        sourcePortRanges: ["*"],
        destinationPortRanges: ["*"],
    };
}

/** TCP connections from any of the sources to one port of any of the destinations. */
export interface Connections {
    direction: Direction;
    sources: AddressSet;
    destinations: AddressSet;
    port: number;
}

/** Connections that one rule decides, unless a rule that isn't fully known does so first. */
export interface RuleDecision {
    sources: AddressSet;
    destinations: AddressSet;
    rule: SecurityRule;
    /** Rules that may come first, because something about them isn't known. */
    perhaps: readonly SecurityRule[];
}

interface Region {
    sources: AddressSet;
    destinations: AddressSet;
    perhaps: readonly SecurityRule[];
}

type Match = "Yes" | "No" | "Perhaps";

/**
 * Which rule decides which connections: rules are read by priority and the first that matches decides. Together the
 * decisions cover all the connections.
 */
export function decideConnections(
    rules: readonly SecurityRule[],
    connections: Connections,
    scope: TagScope,
): RuleDecision[] {
    let open: Region[] = [{ ...connections, perhaps: [] }];
    const decisions: RuleDecision[] = [];
    for (const rule of inOrder([...rules, ...defaultSecurityRules])) {
        const applies = both(
            is(rule.direction, connections.direction),
            both(isProtocol(rule.protocol), portsMatch(rule, connections.port)),
        );
        if (applies === "No") continue;
        const sources = memberships(rule.sourceAddressPrefixes, scope);
        const destinations = memberships(rule.destinationAddressPrefixes, scope);
        const certain = applies === "Yes" && rule.priority !== notKnown;
        const still: Region[] = [];
        for (const region of open) {
            const split = cut(region, sources.possibly, destinations.possibly);
            still.push(...split.outside);
            if (!split.inside) continue;
            const perhaps = { ...split.inside, perhaps: [...split.inside.perhaps, rule] };
            if (!certain) {
                still.push(perhaps);
                continue;
            }
            const sure = cut(split.inside, sources.definitely, destinations.definitely);
            if (sure.inside) decisions.push({ ...sure.inside, rule });
            still.push(...sure.outside.map((outside) => ({ ...outside, perhaps: perhaps.perhaps })));
        }
        open = still;
    }
    return decisions;
}

/** What a decision can come to: one access when it is certain, both when a rule that isn't known could change it. */
export function possibleAccess({ rule, perhaps }: RuleDecision): Set<SecurityAccess> {
    return new Set(
        [rule, ...perhaps].flatMap(({ access }): SecurityAccess[] =>
            access === notKnown ? ["Allow", "Deny"] : [access],
        ),
    );
}

/** Rules whose priority isn't known may stand anywhere, so they are read before all others. */
function inOrder(rules: SecurityRule[]): SecurityRule[] {
    const rank = ({ priority }: SecurityRule): number => (priority === notKnown ? -1 : priority);
    return rules.sort((a, b) => rank(a) - rank(b));
}

/** Splits a region into what lies within the sources and destinations, and the rest. */
function cut(
    region: Region,
    sources: AddressSet,
    destinations: AddressSet,
): { inside: Region | undefined; outside: Region[] } {
    const insideSources = region.sources.intersect(sources);
    const insideDestinations = region.destinations.intersect(destinations);
    if (insideSources.isEmpty || insideDestinations.isEmpty) return { inside: undefined, outside: [region] };
    const outside = [
        { ...region, sources: region.sources.subtract(sources) },
        { ...region, sources: insideSources, destinations: region.destinations.subtract(destinations) },
    ].filter((part) => !part.sources.isEmpty && !part.destinations.isEmpty);
    return { inside: { ...region, sources: insideSources, destinations: insideDestinations }, outside };
}

function memberships(prefixes: Known<readonly Known<string>[]>, scope: TagScope): Membership {
    const each =
        prefixes === notKnown ? [membership(notKnown, scope)] : prefixes.map((text) => membership(text, scope));
    return {
        definitely: each.reduce((sum, { definitely }) => sum.union(definitely), AddressSet.empty),
        possibly: each.reduce((sum, { possibly }) => sum.union(possibly), AddressSet.empty),
    };
}

function is<T>(value: Known<T>, wanted: T): Match {
    if (value === notKnown) return "Perhaps";
    return value === wanted ? "Yes" : "No";
}

function isProtocol(protocol: Known<string>): Match {
    if (protocol === notKnown) return "Perhaps";
    return ["tcp", "*"].includes(protocol.toLowerCase()) ? "Yes" : "No";
}

/** A client's own port is any of the ephemeral ones, so a rule for a few source ports matches only some connections. */
function portsMatch(rule: SecurityRule, port: number): Match {
    return both(holdsPorts(rule.destinationPortRanges, port, port), holdsPorts(rule.sourcePortRanges, 1024, 65535));
}

function holdsPorts(ranges: Known<readonly Known<string>[]>, first: number, last: number): Match {
    if (ranges === notKnown) return "Perhaps";
    const known = ranges.flatMap((range) => (range === notKnown ? [] : parsePorts(range)));
    if (known.some((range) => range.first <= first && range.last >= last)) return "Yes";
    const touches = known.some((range) => range.first <= last && range.last >= first);
    return touches || known.length < ranges.length ? "Perhaps" : "No";
}

/** Reads `443`, `5432-6432` or `*`; other text matches no port. */
export function parsePorts(text: string): { first: number; last: number }[] {
    if (text.trim() === "*") return [{ first: 0, last: 65535 }];
    const [, first, last] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(text) ?? [];
    return first === undefined ? [] : [{ first: Number(first), last: Number(last ?? first) }];
}

function both(a: Match, b: Match): Match {
    if (a === "No" || b === "No") return "No";
    return a === "Yes" && b === "Yes" ? "Yes" : "Perhaps";
}
