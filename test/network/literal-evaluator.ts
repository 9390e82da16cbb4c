/**
 * Azure's rules for packets, word for word and one packet at a time, as a slow second opinion on the analysis. It shares
 * no code with it. Sources: "Azure network security groups overview", "Virtual network traffic routing", "Virtual network
 * service tags".
 */
import type { Route } from "../../components/network/analysis/routes";
import type { SecurityRule } from "../../components/network/analysis/security-rules";
import type { Firewall } from "../../components/network/analysis/subnet-plan";

/** A subnet in the public cloud of which every value is known. */
export interface LiteralSubnet {
    prefix: string;
    addressSpace: string[];
    peered: string[];
    rules: SecurityRule[] | undefined;
    routes: Route[];
    storageEndpoint: boolean;
    storageRegion: string;
    firewalls: Firewall[];
    /** Microsoft says that `VirtualNetwork` might contain default routes: this decides whether it does. */
    tagHasDefaultRoutes: boolean;
}

const entra = ["20.20.32.0/19", "20.190.128.0/18", "20.231.128.0/19", "40.126.0.0/18"];
const storage = ["13.65.107.32/28", "52.239.216.0/23"];
const notPublic = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
];

export function entraIsReachable(subnet: LiteralSubnet): boolean {
    return everyPair(subnet, [subnet.prefix], entra, (from, to) => {
        const hop = nextHop(subnet, to);
        return (
            filter(subnet, "Outbound", from, to, 443) &&
            (hop.type === "Internet" || passesFirewall(subnet, hop, "AzureActiveDirectory"))
        );
    });
}

export function storageIsReachable(subnet: LiteralSubnet): boolean {
    return everyPair(subnet, [subnet.prefix], storage, (from, to) => {
        const hop = nextHop(subnet, to);
        return (
            filter(subnet, "Outbound", from, to, 443) &&
            (hop.type === "Internet" ||
                hop.type === "VirtualNetworkServiceEndpoint" ||
                passesFirewall(subnet, hop, "Storage"))
        );
    });
}

export function subnetReachesItself(subnet: LiteralSubnet): boolean {
    return everyPair(subnet, [subnet.prefix], [subnet.prefix], (from, to) => {
        const hop = nextHop(subnet, to);
        return (
            filter(subnet, "Outbound", from, to, 5432) &&
            filter(subnet, "Inbound", from, to, 5432) &&
            (hop.type === "VnetLocal" || passesFirewall(subnet, hop, "Replication"))
        );
    });
}

export function clientsReach(subnet: LiteralSubnet, clients: string, port: number): boolean {
    return everyPair(subnet, [clients], [subnet.prefix], (from, to) => filter(subnet, "Inbound", from, to, port));
}

/** Asks for every pair of addresses at which the answer could change: next to the ends of every block there is. */
function everyPair(
    subnet: LiteralSubnet,
    sources: string[],
    destinations: string[],
    works: (from: number, to: number) => boolean,
): boolean {
    const edges = edgesOf([
        ...sources,
        ...destinations,
        ...entra,
        ...storage,
        ...notPublic,
        ...subnet.addressSpace,
        ...subnet.peered,
        "168.63.129.16",
        ...(subnet.rules ?? []).flatMap((rule) => [
            ...(rule.sourceAddressPrefixes as string[]),
            ...(rule.destinationAddressPrefixes as string[]),
        ]),
        ...subnet.routes.map((route) => route.addressPrefix as string),
    ]);
    const among = (blocks: string[]): number[] => edges.filter((edge) => blocks.some((block) => isIn(edge, block)));
    return among(sources).every((from) => among(destinations).every((to) => works(from, to)));
}

function edgesOf(blocks: string[]): number[] {
    const edges = new Set<number>();
    for (const block of blocks) {
        if (!/^[\d./]+$/.test(block)) continue;
        const { first, size } = read(block);
        for (const edge of [first - 1, first, first + size - 1, first + size]) edges.add(edge);
    }
    return [...edges];
}

/** Rules are processed in priority order; once a packet matches, processing stops. */
function filter(
    subnet: LiteralSubnet,
    direction: "Inbound" | "Outbound",
    from: number,
    to: number,
    port: number,
): boolean {
    if (subnet.rules === undefined) return true;
    const rules = subnet.rules
        .filter((rule) => rule.direction === direction)
        .sort((a, b) => Number(a.priority) - Number(b.priority));
    for (const rule of rules) {
        const matches =
            (rule.protocol === "Tcp" || rule.protocol === "*") &&
            (rule.sourceAddressPrefixes as string[]).some((text) => isMember(subnet, from, text)) &&
            (rule.destinationAddressPrefixes as string[]).some((text) => isMember(subnet, to, text)) &&
            (rule.destinationPortRanges as string[]).some((text) => isPort(port, text)) &&
            (rule.sourcePortRanges as string[]).includes("*");
        if (matches) return rule.access === "Allow";
    }
    // The default rules, 65000 to 65500.
    if (isMember(subnet, from, "VirtualNetwork") && isMember(subnet, to, "VirtualNetwork")) return true;
    return direction === "Inbound" ? isMember(subnet, from, "AzureLoadBalancer") : isMember(subnet, to, "Internet");
}

function isMember(subnet: LiteralSubnet, address: number, text: string): boolean {
    const isPublic = !notPublic.some((block) => isIn(address, block));
    const isOwn = [subnet.prefix, ...subnet.addressSpace].some((block) => isIn(address, block));
    switch (text) {
        case "*":
            return true;
        case "Internet":
            return isPublic && !isOwn;
        case "VirtualNetwork":
            return (
                isOwn ||
                isIn(address, "168.63.129.16") ||
                subnet.peered.some((block) => isIn(address, block)) ||
                subnet.routes.some(({ addressPrefix }) => {
                    const prefix = addressPrefix as string;
                    if (!/^\d/.test(prefix)) return false;
                    return isIn(address, prefix) && (subnet.tagHasDefaultRoutes || !prefix.endsWith("/0"));
                })
            );
        case "AzureLoadBalancer":
            return isIn(address, "168.63.129.16");
        case "AzureActiveDirectory":
            return entra.some((block) => isIn(address, block));
        case "Storage":
        case `Storage.${subnet.storageRegion}`:
            return storage.some((block) => isIn(address, block));
        default:
            return /^\d/.test(text) && isIn(address, text);
    }
}

interface NextHop {
    type: string;
    address: string | undefined;
}

/** Of the routes that match, the longest prefix; then the user's, BGP's, Azure's; then a block before a tag. */
function nextHop(subnet: LiteralSubnet, to: number): NextHop {
    const expand = (route: Route): [string, number][] => {
        switch (route.addressPrefix) {
            case "AzureActiveDirectory":
                return entra.map((block) => [block, 1]);
            case "Storage":
                return storage.map((block) => [block, 1]);
            default:
                return [[route.addressPrefix as string, 0]];
        }
    };
    const all: { block: string; from: number; tag: number; hop: NextHop }[] = [];
    for (const route of subnet.routes) {
        for (const [block, tag] of expand(route)) {
            const hop = { type: route.nextHopType as string, address: route.nextHopIpAddress as string | undefined };
            all.push({ block, tag, from: route.source === "User" ? 0 : 1, hop });
        }
    }
    const system = (block: string, type: string): void => {
        all.push({ block, tag: 0, from: 2, hop: { type, address: undefined } });
    };
    system("0.0.0.0/0", "Internet");
    for (const block of ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]) system(block, "None");
    for (const block of subnet.addressSpace) system(block, "VnetLocal");
    for (const block of subnet.peered) system(block, "VirtualNetworkPeering");
    if (subnet.storageEndpoint) for (const block of storage) system(block, "VirtualNetworkServiceEndpoint");

    const matching = all.filter(({ block }) => isIn(to, block));
    const preferred = matching.some(({ hop }) =>
        ["VnetLocal", "VirtualNetworkPeering", "VirtualNetworkServiceEndpoint"].includes(hop.type),
    );
    const systemPreferred =
        preferred && matching.some(({ from, hop }) => from === 2 && hop.type !== "Internet" && hop.type !== "None");
    let best: (typeof all)[number] | undefined;
    for (const route of matching) {
        if (systemPreferred && route.from === 1) continue;
        if (!best || isBetter(route, best)) best = route;
    }
    return best?.hop ?? { type: "None", address: undefined };
}

function isBetter(
    a: { block: string; from: number; tag: number; hop: NextHop },
    b: { block: string; from: number; tag: number; hop: NextHop },
): boolean {
    const [sizeA, sizeB] = [read(a.block).size, read(b.block).size];
    if (sizeA !== sizeB) return sizeA < sizeB;
    if (a.from !== b.from) return a.from < b.from;
    if (a.tag !== b.tag) return a.tag < b.tag;
    return b.hop.type === "None" && a.hop.type !== "None";
}

function passesFirewall(subnet: LiteralSubnet, hop: NextHop, purpose: Firewall["allows"][number]): boolean {
    if (hop.type !== "VirtualAppliance" && hop.type !== "VirtualNetworkGateway") return false;
    const name = hop.type === "VirtualAppliance" ? hop.address : "VirtualNetworkGateway";
    return subnet.firewalls.some(({ nextHop: next, allows }) => next === name && allows.includes(purpose));
}

function isPort(port: number, text: string): boolean {
    if (text === "*") return true;
    const [first = "", last = first] = text.split("-");
    return port >= Number(first) && port <= Number(last);
}

function isIn(address: number, block: string): boolean {
    const { first, size } = read(block);
    return address >= first && address < first + size;
}

function read(block: string): { first: number; size: number } {
    const [dotted = "", bits = "32"] = block.split("/");
    const value = dotted.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    const size = 2 ** (32 - Number(bits));
    return { first: Math.floor(value / size) * size, size };
}
