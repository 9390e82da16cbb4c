import * as pulumi from "@pulumi/pulumi";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { describe, expect, it } from "vitest";
import { analysisFromAzure } from "../../components/network/analysis/egress-analysis";

const subnet = { addressPrefix: "10.0.4.0/28" };
const network = { addressSpace: ["10.0.0.0/16"], peered: [] };

const denial = {
    priority: 200,
    direction: "Outbound",
    access: "Deny",
    protocol: "*",
    sourceAddressPrefix: "*",
    sourcePortRange: "*",
    destinationAddressPrefix: "Internet",
    destinationPortRange: "*",
};

/** Whether Entra is reached with the rules and routes. */
function entra(group: unknown, table?: unknown, more: object = {}): boolean | "Undecidable" {
    return analysisFromAzure(group, table, subnet, { ...network, ...more }).entra.reachable;
}

describe("the analysis of Azure's own resources", () => {
    it("reads rules as azure-native has them and as Resource Manager returns them", () => {
        expect(entra({ securityRules: [{ name: "no", ...denial }] })).toBe(false);
        expect(entra({ id: "x", properties: { securityRules: [{ name: "no", properties: denial }] } })).toBe(false);
    });

    it("reads lists as well as single values", () => {
        const { destinationAddressPrefix: _one, destinationPortRange: _port, ...rest } = denial;
        const rule = {
            ...rest,
            destinationAddressPrefixes: ["8.8.8.8", "40.126.0.0/18"],
            destinationPortRanges: ["80", "443"],
        };
        expect(entra({ securityRules: [rule] })).toBe(false);
        expect(entra({ securityRules: [{ ...rule, destinationPortRanges: ["80"] }] })).toBe(true);
    });

    it("takes Azure's words in any case", () => {
        const rule = {
            ...denial,
            direction: "outbound",
            access: "deny",
            protocol: "TCP",
            destinationAddressPrefix: "internet",
        };
        expect(entra({ securityRules: [rule] })).toBe(false);
        expect(
            entra(undefined, { routes: [{ name: "r", addressPrefix: "azureactivedirectory", nextHopType: "none" }] }),
        ).toBe(false);
    });

    it("tells a missing group and table from empty ones, and neither stops anything", () => {
        expect(entra(undefined)).toBe(true);
        expect(entra({}, {})).toBe(true);
    });

    it("decides nothing by values that aren't known, in whatever form they come", () => {
        for (const value of [pulumi.output("Deny"), Promise.resolve("Deny"), unknownValue]) {
            expect(entra({ securityRules: [{ ...denial, access: value }] })).toBe("Undecidable");
        }
        expect(entra(pulumi.output({}))).toBe("Undecidable");
        expect(entra({ securityRules: unknownValue })).toBe("Undecidable");
        expect(entra({}, { routes: [unknownValue] })).toBe("Undecidable");
        expect(analysisFromAzure({}, {}, { addressPrefix: unknownValue }).entra.reachable).toBe("Undecidable");
    });

    it("leaves a rule with application security groups undecided, for their members aren't in it", () => {
        const { sourceAddressPrefix: _source, ...rest } = denial;
        expect(entra({ securityRules: [{ ...rest, sourceApplicationSecurityGroups: [{ id: "asg" }] }] })).toBe(
            "Undecidable",
        );
    });

    it("counts routes learned by BGP unless the table keeps them out", () => {
        const tunnel = { gatewayPrefixes: ["0.0.0.0/0"] };
        expect(entra({}, undefined, tunnel)).toBe(false);
        expect(entra({}, { routes: [] }, tunnel)).toBe(false);
        expect(entra({}, { disableBgpRoutePropagation: true }, tunnel)).toBe(true);
        expect(entra({}, { disableBgpRoutePropagation: unknownValue }, tunnel)).toBe("Undecidable");
    });

    it("takes the IPv4 block of a subnet with both kinds", () => {
        const { withinSubnet } = analysisFromAzure({}, {}, { addressPrefixes: ["fd00::/64", "10.0.4.0/28"] }, network);
        expect(withinSubnet.reachable).toBe(true);
    });

    it("answers for every subnet of a replica, and every port of every block of clients", () => {
        const analysis = analysisFromAzure({}, {}, subnet, {
            ...network,
            clients: ["10.0.8.0/24", "10.7.0.0/24"],
            pgBouncer: true,
            replicas: ["10.0.5.0/28"],
        });
        expect(analysis.replicas.map(({ reachable }) => reachable)).toEqual([true]);
        expect(analysis.clients.map(({ question, reachable }) => [question, reachable])).toEqual([
            ["Clients 10.0.8.0/24 to port 5432", true],
            ["Clients 10.0.8.0/24 to port 6432", true],
            ["Clients 10.7.0.0/24 to port 5432", false],
            ["Clients 10.7.0.0/24 to port 6432", false],
        ]);
    });
});
