import { AddressSet, type Prefix, parsePrefix } from "./address-set";
import { type Known, notKnown } from "./known";
import { type TagScope, membership, servicePrefixes } from "./service-tags";

/** Where a route sends packets; the last two stand only in routes that Azure makes. */
export type NextHopType =
    | "VirtualNetworkGateway"
    | "VnetLocal"
    | "Internet"
    | "VirtualAppliance"
    | "None"
    | "VirtualNetworkPeering"
    | "VirtualNetworkServiceEndpoint";

/** Who made a route: the user in a route table, a gateway that learned it by BGP, or Azure. */
export type RouteSource = "User" | "Gateway" | "System";

/** A route of a subnet. Source: "Virtual network traffic routing". */
export interface Route {
    /** The route's name in its table; one of Azure's own for a system route. */
    name: string;
    /** Who made it. */
    source: RouteSource;
    /** A CIDR block or a service tag. */
    addressPrefix: Known<string>;
    /** Where it leads. */
    nextHopType: Known<NextHopType>;
    /** The appliance's address. */
    nextHopIpAddress?: Known<string> | undefined;
    /** Whether the route may be missing or have a shorter prefix. */
    uncertain?: true;
}

/** Destinations that one route serves, unless a route that isn't fully known does. */
export interface RouteDecision {
    destinations: AddressSet;
    route: Route;
    /** Routes that may win instead, because something about them isn't known. */
    perhaps: readonly Route[];
}

/** The routes that Azure gives every subnet. */
export function systemRoutes(network: {
    /** Blocks of the virtual network; undefined when they aren't known. */
    addressSpace: readonly string[] | undefined;
    /** Blocks of peered virtual networks. */
    peered: readonly string[];
    /** The subnet's own block. */
    subnet: string;
    /** Whether the subnet has a service endpoint for Storage. */
    storageEndpoint: boolean;
}): Route[] {
    const { addressSpace, subnet } = network;
    const reserved = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
    // A virtual network's block is at least as long as /8, and at most the subnet's own.
    const local = addressSpace ?? [`${subnet.split("/")[0] ?? ""}/8`];
    const space = AddressSet.fromPrefixes(local);
    return [
        ...local.map((prefix) => system("virtual network", prefix, "VnetLocal")),
        ...(addressSpace ? [] : [{ ...system("virtual network", subnet, "VnetLocal"), uncertain: true as const }]),
        ...network.peered.map((prefix) => system("peering", prefix, "VirtualNetworkPeering")),
        ...(network.storageEndpoint ? [system("service endpoint", "Storage", "VirtualNetworkServiceEndpoint")] : []),
        // A block of the virtual network's own takes the place of a reserved one that it holds.
        ...reserved
            .filter((prefix) => !space.contains(AddressSet.fromPrefixes([prefix])))
            .map((prefix) => system("reserved block", prefix, "None")),
        system("default", "0.0.0.0/0", "Internet"),
        system("default for IPv6", "::/0", "Internet"),
    ];
}

function system(name: string, addressPrefix: string, nextHopType: NextHopType): Route {
    return { name, source: "System", addressPrefix, nextHopType };
}

interface Candidate {
    route: Route;
    prefix: Prefix;
    tag: number;
}

/** Which route serves which destinations: the longest prefix wins, then the user's route, then BGP's, then Azure's. */
export function decideRoutes(routes: readonly Route[], destinations: AddressSet, scope: TagScope): RouteDecision[] {
    const candidates = routes.flatMap((route) => candidatesOf(route, scope));
    const uncertain = routes.flatMap((route) => uncertainOf(route, scope));
    const blocks = [
        ...candidates.map(({ prefix }) => AddressSet.of(prefix)),
        ...uncertain.map(({ destinations }) => destinations),
    ];
    return atoms(destinations, blocks).flatMap((atom) => {
        const matching = candidates.filter(({ prefix }) => AddressSet.of(prefix).contains(atom));
        // Azure's own routes to its networks and endpoints hold against BGP, however long BGP's prefix is.
        const own = matching.some(({ route }) => route.source === "System" && isPreferred(route.nextHopType));
        const winner = matching
            .filter(({ route }) => !(own && route.source === "Gateway"))
            .sort(better)
            .at(0);
        const route = winner?.route ?? system("no route", "0.0.0.0/0", "None");
        const perhaps = uncertain.filter((other) => other.destinations.contains(atom)).map((other) => other.route);
        return [{ destinations: atom, route, perhaps }];
    });
}

function isPreferred(nextHop: Known<NextHopType>): boolean {
    return (
        nextHop === "VnetLocal" || nextHop === "VirtualNetworkPeering" || nextHop === "VirtualNetworkServiceEndpoint"
    );
}

function better(a: Candidate, b: Candidate): number {
    const rank = { User: 0, Gateway: 1, System: 2 };
    return (
        b.prefix.length - a.prefix.length ||
        rank[a.route.source] - rank[b.route.source] ||
        a.tag - b.tag ||
        Number(!isPreferred(a.route.nextHopType)) - Number(!isPreferred(b.route.nextHopType))
    );
}

/** The prefixes that a route has for certain. With equal prefixes a block beats a tag, and a narrow tag a wide one. */
function candidatesOf(route: Route, scope: TagScope): Candidate[] {
    const { addressPrefix } = route;
    if (addressPrefix === notKnown || route.uncertain) return [];
    const prefix = parsePrefix(addressPrefix);
    if (prefix) return [{ route, prefix, tag: 0 }];

    const [tag, region] = addressPrefix.toLowerCase().split(".");
    const known = membership(addressPrefix, scope).definitely;
    const rank = tag === "azurecloud" ? (region === undefined ? 4 : 3) : region === undefined ? 2 : 1;
    return [
        ...servicePrefixes("AzureActiveDirectory", scope.cloud),
        ...servicePrefixes("Storage", scope.cloud),
    ].flatMap((text) => {
        const expanded = parsePrefix(text);
        return expanded && known.contains(AddressSet.of(expanded)) ? [{ route, prefix: expanded, tag: rank }] : [];
    });
}

/** The destinations that a route may serve without that being certain. */
function uncertainOf(route: Route, scope: TagScope): { route: Route; destinations: AddressSet }[] {
    const { definitely, possibly } = membership(route.addressPrefix, scope);
    const destinations = route.uncertain ? possibly : possibly.subtract(definitely);
    return destinations.isEmpty ? [] : [{ route, destinations }];
}

/** Cuts a set so that each piece lies wholly inside or wholly outside every block. */
function atoms(set: AddressSet, blocks: readonly AddressSet[]): AddressSet[] {
    let pieces = set.isEmpty ? [] : [set];
    for (const block of blocks) {
        pieces = pieces.flatMap((piece) =>
            [piece.intersect(block), piece.subtract(block)].filter((part) => !part.isEmpty),
        );
    }
    return pieces;
}
