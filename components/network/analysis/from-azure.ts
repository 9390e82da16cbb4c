import type { Cloud } from "../../clouds";
import { type Known, knownParts, notKnown } from "./known";
import type { NextHopType, Route } from "./routes";
import type { Direction, SecurityAccess, SecurityRule } from "./security-rules";
import type { Firewall, SubnetPlan } from "./subnet-plan";

/** What Azure's resources don't say about a subnet. */
export interface Surroundings {
    /** @default "Public" */
    cloud?: Cloud | undefined;
    /** Blocks of the virtual network. @default - not known */
    addressSpace?: readonly string[] | undefined;
    /** Blocks of peered and connected networks. @default - not known */
    peered?: readonly string[] | undefined;
    /** Prefixes that a gateway announces by BGP, such as `0.0.0.0/0` for forced tunnelling. @default - none */
    gatewayPrefixes?: readonly string[] | undefined;
    /** @default - none */
    firewalls?: readonly Firewall[] | undefined;
    /** The region of the server's storage. @default - any */
    storageRegion?: Known<string> | undefined;
}

/**
 * Reads Azure's resources into a plan: a network security group, a route table and a subnet, each as Resource Manager
 * returns it (with `properties`) or as azure-native has it (without). Values that aren't known stay so; a missing network
 * security group or route table is passed as undefined.
 */
export function planFromAzure(
    networkSecurityGroup: unknown,
    routeTable: unknown,
    subnet: unknown,
    surroundings: Surroundings = {},
): SubnetPlan {
    const subnetFields = fieldsOf(knownParts(subnet));
    const group = knownParts(networkSecurityGroup);
    const table = knownParts(routeTable);
    return {
        addressPrefix: subnetFields === notKnown ? notKnown : ipv4Prefix(subnetFields),
        securityRules: group === undefined ? undefined : listOf(group, "securityRules", securityRuleFromAzure),
        routes: withGateway(table === undefined ? [] : listOf(table, "routes", routeFromAzure), table, surroundings),
        storageEndpoint: subnetFields !== notKnown && hasStorageEndpoint(subnetFields["serviceEndpoints"]),
        addressSpace: surroundings.addressSpace,
        peered: surroundings.peered,
        firewalls: surroundings.firewalls,
        storageRegion: surroundings.storageRegion,
        cloud: surroundings.cloud ?? "Public",
    };
}

/** One security rule as Resource Manager or azure-native has it. */
export function securityRuleFromAzure(rule: unknown): SecurityRule {
    const fields = fieldsOf(knownParts(rule));
    if (fields === notKnown) {
        return {
            name: "not known yet",
            priority: notKnown,
            direction: notKnown,
            access: notKnown,
            protocol: notKnown,
            sourceAddressPrefixes: notKnown,
            destinationAddressPrefixes: notKnown,
            sourcePortRanges: notKnown,
            destinationPortRanges: notKnown,
        };
    }
    return {
        name: text(fields["name"]) ?? "unnamed",
        priority: known(fields["priority"], Number),
        direction: known(
            fields["direction"],
            (value) => (isText(value, "inbound") ? "Inbound" : "Outbound") satisfies Direction,
        ),
        access: known(
            fields["access"],
            (value) => (isText(value, "allow") ? "Allow" : "Deny") satisfies SecurityAccess,
        ),
        protocol: known(fields["protocol"], String),
        sourceAddressPrefixes: addresses(fields, "source"),
        destinationAddressPrefixes: addresses(fields, "destination"),
        sourcePortRanges: oneOrMany(fields["sourcePortRange"], fields["sourcePortRanges"]),
        destinationPortRanges: oneOrMany(fields["destinationPortRange"], fields["destinationPortRanges"]),
    };
}

/** One user-defined route as Resource Manager or azure-native has it. */
export function routeFromAzure(route: unknown): Route {
    const fields = fieldsOf(knownParts(route));
    if (fields === notKnown) {
        return { name: "not known yet", source: "User", addressPrefix: notKnown, nextHopType: notKnown };
    }
    const address = fields["nextHopIpAddress"];
    return {
        name: text(fields["name"]) ?? "unnamed",
        source: "User",
        addressPrefix: known(fields["addressPrefix"], String),
        nextHopType: known(fields["nextHopType"], nextHop),
        ...(address !== undefined && address !== null && { nextHopIpAddress: known(address, String) }),
    };
}

type Fields = Record<string, unknown>;

/** A resource's fields, whether they stand in `properties` or beside it. */
function fieldsOf(value: unknown): Known<Fields> {
    if (value === notKnown) return notKnown;
    if (typeof value !== "object" || value === null) return {};
    const fields = value as Fields;
    const properties = fields["properties"];
    if (properties === notKnown) return notKnown;
    return typeof properties === "object" && properties !== null ? { ...fields, ...(properties as Fields) } : fields;
}

function listOf<T>(resource: unknown, key: string, read: (item: unknown) => T): Known<T[]> {
    const fields = fieldsOf(resource);
    if (fields === notKnown || fields[key] === notKnown) return notKnown;
    return Array.isArray(fields[key]) ? fields[key].map(read) : [];
}

/** A gateway's routes reach the subnet unless its route table keeps them out. */
function withGateway(routes: Known<Route[]>, table: unknown, { gatewayPrefixes = [] }: Surroundings): Known<Route[]> {
    const fields = fieldsOf(table);
    if (routes === notKnown || fields === notKnown) return notKnown;
    if (fields["disableBgpRoutePropagation"] === true) return routes;
    const uncertain = fields["disableBgpRoutePropagation"] === notKnown;
    return [
        ...routes,
        ...gatewayPrefixes.map((addressPrefix): Route => ({
            name: "learned by BGP",
            source: "Gateway",
            addressPrefix,
            nextHopType: "VirtualNetworkGateway",
            ...(uncertain && { uncertain: true }),
        })),
    ];
}

function ipv4Prefix(subnet: Fields): Known<string> {
    const prefixes = oneOrMany(subnet["addressPrefix"], subnet["addressPrefixes"]);
    if (prefixes === notKnown) return notKnown;
    return prefixes.find((prefix) => prefix === notKnown || !prefix.includes(":")) ?? notKnown;
}

function hasStorageEndpoint(endpoints: unknown): boolean {
    if (!Array.isArray(endpoints)) return false;
    return endpoints.some((endpoint) => {
        const fields = fieldsOf(endpoint);
        return fields !== notKnown && /^Microsoft\.Storage(\.Global)?$/i.test(text(fields["service"]) ?? "");
    });
}

/** An application security group's members aren't in the rule, so such a rule stays unknown. */
function addresses(fields: Fields, side: "source" | "destination"): Known<Known<string>[]> {
    const groups = fields[`${side}ApplicationSecurityGroups`];
    if (groups === notKnown || (Array.isArray(groups) && groups.length > 0)) return notKnown;
    return oneOrMany(fields[`${side}AddressPrefix`], fields[`${side}AddressPrefixes`]);
}

/** Azure has a singular and a plural field for the same thing; an empty one counts as missing. */
function oneOrMany(one: unknown, many: unknown): Known<Known<string>[]> {
    if (many === notKnown) return notKnown;
    const list: unknown[] = Array.isArray(many) ? many : [];
    const single = one === undefined || one === null || one === "" ? [] : [one];
    return [...single, ...list].map((item) => (item === notKnown ? notKnown : String(item)));
}

function known<T>(value: unknown, read: (value: unknown) => T): Known<T> {
    return value === notKnown ? notKnown : read(value);
}

function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

function isText(value: unknown, wanted: string): boolean {
    return text(value)?.toLowerCase() === wanted;
}

function nextHop(value: unknown): NextHopType {
    const types: NextHopType[] = ["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"];
    return types.find((type) => isText(value, type.toLowerCase())) ?? "None";
}
