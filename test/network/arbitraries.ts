import * as fc from "fast-check";
import type { Route } from "../../components/network/analysis/routes";
import type { SecurityRule } from "../../components/network/analysis/security-rules";
import type { SubnetPlan } from "../../components/network/analysis/subnet-plan";
import type { LiteralSubnet } from "./literal-evaluator";

export const subnetPrefix = "10.0.4.0/28";

const privateBlocks = [
    "10.0.4.0/28",
    "10.0.4.0/29",
    "10.0.4.8/30",
    "10.0.4.9",
    "10.0.4.0/24",
    "10.0.0.0/16",
    "10.0.0.0/8",
    "10.9.0.0/16",
    "10.20.0.0/16",
];
const publicBlocks = [
    "20.190.128.0/18",
    "20.190.128.0/19",
    "20.190.130.7",
    "20.128.0.0/9",
    "40.126.0.0/16",
    "20.20.32.0/20",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "52.239.217.0/24",
    "13.65.107.32/28",
    "8.8.8.0/24",
];
const tags = [
    "*",
    "Internet",
    "VirtualNetwork",
    "AzureActiveDirectory",
    "Storage",
    "Storage.westeurope",
    "Storage.eastus",
    "Sql",
    "AzureLoadBalancer",
    "0.0.0.0/0",
];

const address = fc.oneof(
    fc.constantFrom(...tags),
    fc.constantFrom(...privateBlocks),
    fc.constantFrom(...publicBlocks),
    fc
        .tuple(
            fc.constantFrom("20.190.", "40.126.", "10.0."),
            fc.nat(255),
            fc.nat(255),
            fc.integer({ min: 12, max: 32 }),
        )
        .map(([start, third, fourth, bits]) => `${start}${String(third)}.${String(fourth)}/${String(bits)}`),
);
const addresses = fc.array(address, { minLength: 1, maxLength: 2 });
const ports = fc.array(fc.constantFrom("443", "5432", "6432", "*", "400-500", "1-5431", "80", "5432-6432"), {
    minLength: 1,
    maxLength: 2,
});

const rule = fc.record({
    direction: fc.constantFrom("Inbound" as const, "Outbound" as const),
    access: fc.constantFrom("Allow" as const, "Deny" as const),
    protocol: fc.constantFrom("Tcp", "*", "Udp", "Icmp"),
    sourceAddressPrefixes: addresses,
    destinationAddressPrefixes: addresses,
    sourcePortRanges: fc.constantFrom(["*"], ["*"], ["*"], ["443"]),
    destinationPortRanges: ports,
});

/** Rules of a network security group, each with a priority of its own. */
export const securityRules: fc.Arbitrary<SecurityRule[]> = fc.array(rule, { maxLength: 8 }).chain((rules) =>
    fc
        .uniqueArray(fc.integer({ min: 100, max: 4096 }), { minLength: rules.length, maxLength: rules.length })
        .map((priorities) =>
            rules.map((each, index) => ({
                ...each,
                name: `rule-${String(index)}`,
                priority: priorities[index] ?? 0,
            })),
        ),
);

const hop = fc.constantFrom(
    { nextHopType: "Internet" as const },
    { nextHopType: "VnetLocal" as const },
    { nextHopType: "None" as const },
    { nextHopType: "VirtualAppliance" as const, nextHopIpAddress: "10.0.1.4" },
    { nextHopType: "VirtualAppliance" as const, nextHopIpAddress: "10.0.1.5" },
    { nextHopType: "VirtualNetworkGateway" as const },
);

const userRoute = fc
    .tuple(
        fc.oneof(
            fc.constantFrom("0.0.0.0/0", "0.0.0.0/0", "AzureActiveDirectory", "Storage"),
            fc.constantFrom(...privateBlocks.filter((block) => block.includes("/"))),
            fc.constantFrom(...publicBlocks.filter((block) => block.includes("/"))),
        ),
        hop,
    )
    .map(([addressPrefix, next]): Route => ({ name: addressPrefix, source: "User", addressPrefix, ...next }));

const gatewayRoute = fc
    .constantFrom("0.0.0.0/0", "10.0.4.0/24", "20.190.128.0/20", "10.9.0.0/16")
    .map((addressPrefix): Route => ({
        name: `bgp ${addressPrefix}`,
        source: "Gateway",
        addressPrefix,
        nextHopType: "VirtualNetworkGateway",
    }));

/** A subnet of which everything is known. */
export const literalSubnet: fc.Arbitrary<LiteralSubnet> = fc.record({
    prefix: fc.constant(subnetPrefix),
    addressSpace: fc.constantFrom(["10.0.0.0/16"], ["10.0.4.0/24", "10.1.0.0/16"], ["10.0.0.0/8"]),
    peered: fc.constantFrom([], ["10.20.0.0/16"]),
    rules: fc.option(securityRules, { nil: undefined, freq: 8 }),
    routes: fc
        .tuple(
            fc.uniqueArray(userRoute, { maxLength: 4, selector: ({ addressPrefix }) => addressPrefix }),
            fc.uniqueArray(gatewayRoute, { maxLength: 1, selector: ({ addressPrefix }) => addressPrefix }),
        )
        .map(([user, gateway]) => [...user, ...gateway]),
    storageEndpoint: fc.boolean(),
    storageRegion: fc.constant("westeurope"),
    firewalls: fc.constantFrom(
        [],
        [{ nextHop: "10.0.1.4", allows: ["AzureActiveDirectory" as const] }],
        [{ nextHop: "VirtualNetworkGateway", allows: ["AzureActiveDirectory" as const, "Storage" as const] }],
        [{ nextHop: "10.0.1.5", allows: ["Replication" as const] }],
    ),
    tagHasDefaultRoutes: fc.boolean(),
});

/** The same subnet as the analysis takes it. */
export function asPlan(subnet: LiteralSubnet): SubnetPlan {
    const { prefix: addressPrefix, rules: securityRules, ...rest } = subnet;
    return { ...rest, addressPrefix, securityRules, cloud: "Public" };
}
