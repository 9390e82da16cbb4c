import { AddressSet, parsePrefix } from "./address-set";
import { notKnown } from "./known";
import { type Route, type RouteDecision, decideRoutes } from "./routes";
import {
    type Direction,
    type RuleDecision,
    type SecurityRule,
    decideConnections,
    possibleAccess,
} from "./security-rules";
import { type ServiceTag, type TagScope, servicePrefixes } from "./service-tags";
import {
    type Purpose,
    type ReadableSubnetPlan,
    type SubnetPlan,
    isReadable,
    routesInForce,
    tagScope,
} from "./subnet-plan";

/** The answer to one question about a subnet. */
export interface Answer {
    /** What was asked, such as `Microsoft Entra over HTTPS`. */
    question: string;
    /** Undecidable when something that isn't known could change the answer. */
    reachable: boolean | "Undecidable";
    /** The security rule that decides; undefined when a route does so alone or there is no network security group. */
    decidingRule: SecurityRule | undefined;
    /** The route that decides; undefined when a security rule does so alone. */
    decidingRoute: Route | undefined;
    /** Addresses that aren't reached, or may not be. */
    unreached: string[];
    /** One or two sentences: what decides, and what to do when it isn't reachable. */
    explanation: string;
}

type Verdict = "Yes" | "No" | "Perhaps";

/** Part of the addresses asked about, with what decides there. */
interface Finding {
    verdict: Verdict;
    addresses: AddressSet;
    rule?: SecurityRule;
    route?: Route;
}

/** Can the server reach Microsoft Entra over HTTPS? Without it no administrator is assigned and no token is validated. */
export function canReachEntra(plan: SubnetPlan): Answer {
    return canReachService(plan, "AzureActiveDirectory", "Microsoft Entra over HTTPS");
}

/** Can the server reach Storage over HTTPS, where its write-ahead log and backups go? */
export function canReachStorage(plan: SubnetPlan): Answer {
    return canReachService(plan, "Storage", "Azure Storage over HTTPS");
}

/** Can the servers in the subnet reach one another on port 5432, as high availability demands? */
export function canReplicateWithin(plan: SubnetPlan): Answer {
    return canReplicateWith(
        plan,
        plan.addressPrefix === notKnown ? undefined : plan.addressPrefix,
        "within the subnet",
    );
}

/** Can primary and replica reach each other on port 5432, as far as this subnet's rules and routes decide? */
export function canReplicateWith(plan: SubnetPlan, otherSubnet: string | undefined, where?: string): Answer {
    const question = `Replication (5432) ${where ?? `with ${otherSubnet ?? "another subnet"}`}`;
    return answer(plan, question, (readable, scope) => {
        const own = AddressSet.fromPrefixes([readable.addressPrefix]);
        const other = AddressSet.fromPrefixes(otherSubnet === undefined ? [] : [otherSubnet]);
        return [
            ...byRules(readable, scope, "Inbound", other, own, 5432),
            ...byRules(readable, scope, "Outbound", own, other, 5432),
            ...byRoutes(readable, scope, "Replication", other),
        ];
    });
}

/** Can clients of a block reach the servers on a port: 5432, or 6432 with PgBouncer? Replies need no rule of their own. */
export function canBeReachedBy(plan: SubnetPlan, clients: string, port: 5432 | 6432): Answer {
    return answer(plan, `Clients ${clients} to port ${String(port)}`, (readable, scope) =>
        byRules(
            readable,
            scope,
            "Inbound",
            AddressSet.fromPrefixes([clients]),
            AddressSet.fromPrefixes([readable.addressPrefix]),
            port,
        ),
    );
}

function canReachService(plan: SubnetPlan, tag: ServiceTag, question: string): Answer {
    return answer(plan, question, (readable, scope) => {
        const subnet = AddressSet.fromPrefixes([readable.addressPrefix]);
        // The service connects by IPv4 only.
        const ipv4 = servicePrefixes(tag, plan.cloud).filter((prefix) => !prefix.includes(":"));
        const service = AddressSet.fromPrefixes(ipv4);
        return [
            ...byRules(readable, scope, "Outbound", subnet, service, 443),
            ...byRoutes(readable, scope, tag, service),
        ];
    });
}

function byRules(
    plan: ReadableSubnetPlan,
    scope: TagScope,
    direction: Direction,
    sources: AddressSet,
    destinations: AddressSet,
    port: number,
): Finding[] {
    if (plan.securityRules === undefined) return [];
    const peers = direction === "Inbound" ? "sources" : "destinations";
    return decideConnections(plan.securityRules, { direction, sources, destinations, port }, scope).map((decision) => ({
        verdict: verdictOfRules(decision),
        addresses: decision[peers],
        rule: decision.perhaps.find(({ access }) => access !== "Allow") ?? decision.rule,
    }));
}

function verdictOfRules(decision: RuleDecision): Verdict {
    const access = possibleAccess(decision);
    if (access.size > 1) return "Perhaps";
    return access.has("Allow") ? "Yes" : "No";
}

function byRoutes(plan: ReadableSubnetPlan, scope: TagScope, purpose: Purpose, destinations: AddressSet): Finding[] {
    return decideRoutes(routesInForce(plan), destinations, scope).map((decision) => ({
        verdict: verdictOfRoutes(plan, purpose, decision),
        addresses: decision.destinations,
        route: decision.perhaps.find((route) => arrives(plan, purpose, route) !== "Yes") ?? decision.route,
    }));
}

function verdictOfRoutes(plan: SubnetPlan, purpose: Purpose, { route, perhaps }: RouteDecision): Verdict {
    const verdicts = new Set([route, ...perhaps].map((each) => arrives(plan, purpose, each)));
    const [only] = verdicts;
    return verdicts.size === 1 && only !== undefined ? only : "Perhaps";
}

/** Whether packets that a route takes arrive. */
function arrives(plan: SubnetPlan, purpose: Purpose, route: Route): Verdict {
    const { nextHopType, nextHopIpAddress } = route;
    if (nextHopType === notKnown) return "Perhaps";
    switch (nextHopType) {
        case "Internet":
        case "VirtualNetworkServiceEndpoint":
            return purpose === "Replication" ? "No" : "Yes";
        case "VnetLocal":
        case "VirtualNetworkPeering":
            return purpose === "Replication" ? "Yes" : "No";
        case "None":
            return "No";
        case "VirtualAppliance":
        case "VirtualNetworkGateway": {
            const hop = nextHopType === "VirtualNetworkGateway" ? nextHopType : nextHopIpAddress;
            const passing = (plan.firewalls ?? []).filter(({ allows }) => allows.includes(purpose));
            if (hop === notKnown) return passing.length > 0 ? "Perhaps" : "No";
            return passing.some(({ nextHop }) => nextHop === hop) ? "Yes" : "No";
        }
    }
}

function answer(
    plan: SubnetPlan,
    question: string,
    find: (plan: ReadableSubnetPlan, scope: TagScope) => Finding[],
): Answer {
    if (!isReadable(plan) || !parsePrefix(plan.addressPrefix)) {
        return {
            question,
            reachable: "Undecidable",
            decidingRule: undefined,
            decidingRoute: undefined,
            unreached: [],
            explanation:
                "The subnet, its rules or its routes aren't known before the deployment; it is asked again then.",
        };
    }
    const findings = find(plan, tagScope(plan));
    const worst = (["No", "Perhaps"] as const).find((verdict) =>
        findings.some((finding) => finding.verdict === verdict),
    );
    if (!worst) {
        const decidingRule = findings.find(({ rule }) => rule)?.rule;
        const decidingRoute = findings.find(({ route }) => route)?.route;
        return {
            question,
            reachable: true,
            decidingRule,
            decidingRoute,
            unreached: [],
            explanation: [
                decidingRule ? `Allowed by ${describeRule(decidingRule)}.` : "No network security group filters it.",
                ...(decidingRoute ? [`Taken by ${describeRoute(decidingRoute)}.`] : []),
            ].join(" "),
        };
    }
    const failing = findings.filter(({ verdict }) => verdict === worst);
    const [first] = failing;
    const addresses = failing.reduce((sum, finding) => sum.union(finding.addresses), AddressSet.empty);
    const all = findings.reduce((sum, finding) => sum.union(finding.addresses), AddressSet.empty);
    const unreached = addresses.toPrefixes();
    return {
        question,
        reachable: worst === "No" ? false : "Undecidable",
        decidingRule: first?.rule,
        decidingRoute: first?.route,
        unreached,
        explanation: [
            worst === "No" ? "Stopped" : "Perhaps stopped",
            addresses.contains(all) ? "" : ` for part of the addresses (${shorten(unreached)})`,
            first?.rule ? ` by ${describeRule(first.rule)}` : "",
            first?.route ? ` by ${describeRoute(first.route)}` : "",
            ".",
            ...(first?.route && worst === "No" ? [` ${adviceOn(first.route, question)}`] : []),
        ].join(""),
    };
}

function adviceOn({ nextHopType }: Route, question: string): string {
    return nextHopType === "VirtualAppliance" || nextHopType === "VirtualNetworkGateway"
        ? `Add a route past it, or say in firewalls that it lets this pass: ${question}.`
        : "Add a route with a longer prefix or the service's tag.";
}

export function describeRule({ name, priority, direction, access }: SecurityRule): string {
    return `rule ${name} (${show(priority)}, ${show(direction)}, ${show(access)})`;
}

export function describeRoute({ name, addressPrefix, nextHopType, nextHopIpAddress }: Route): string {
    const hop = nextHopIpAddress === undefined ? show(nextHopType) : `${show(nextHopType)} ${show(nextHopIpAddress)}`;
    return `route ${name} (${show(addressPrefix)} to ${hop})`;
}

function show(value: string | number | typeof notKnown): string {
    return value === notKnown ? "not known yet" : String(value);
}

function shorten(prefixes: string[]): string {
    return prefixes.length > 3 ? `${prefixes.slice(0, 3).join(", ")} and more` : prefixes.join(", ");
}
