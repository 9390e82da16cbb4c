import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isReachable, renderEgressTable } from "../../commands/network/egress-table";
import { analyse, analysisFromAzure } from "../../components/network/analysis/egress-analysis";
import { asPlan, literalSubnet } from "./arbitraries";
import { defaultRoute } from "./support";

describe("the table of what a subnet reaches", () => {
    it("shows what decides, and why something isn't reached", () => {
        const analysis = analysisFromAzure(
            { securityRules: [] },
            { routes: [defaultRoute] },
            { addressPrefix: "10.0.4.0/28", serviceEndpoints: [{ service: "Microsoft.Storage" }] },
            { addressSpace: ["10.0.0.0/16"], peered: [], clients: ["10.0.8.0/24"] },
        );
        expect(renderEgressTable(analysis).split("\n")).toEqual([
            "Reached  What, and what decides",
            "NO       Microsoft Entra over HTTPS",
            "         Stopped by route to-firewall (0.0.0.0/0 to VirtualAppliance 10.0.1.4).",
            "         Add a route past it, or say in firewalls that it lets this pass:",
            "         Microsoft Entra over HTTPS.",
            "yes      Azure Storage over HTTPS",
            "         rule AllowInternetOutBound (65001, Outbound, Allow)",
            "         route service endpoint (Storage to VirtualNetworkServiceEndpoint)",
            "yes      Replication (5432) within the subnet",
            "         rule AllowVnetInBound (65000, Inbound, Allow)",
            "         route virtual network (10.0.0.0/16 to VnetLocal)",
            "yes      Clients 10.0.8.0/24 to port 5432",
            "         rule AllowVnetInBound (65000, Inbound, Allow)",
        ]);
        expect(isReachable(analysis)).toBe(false);
    });

    it("fits a terminal of 80 columns", () => {
        fc.assert(
            fc.property(literalSubnet, (subnet) => {
                const table = renderEgressTable(analyse(asPlan(subnet), { clients: ["10.9.0.0/24"], pgBouncer: true }));
                for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
            }),
            { numRuns: 30 },
        );
    });
});
