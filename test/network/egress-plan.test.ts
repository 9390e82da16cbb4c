import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyse, answersOf } from "../../components/network/analysis/egress-analysis";
import type { Route } from "../../components/network/analysis/routes";
import type { Direction } from "../../components/network/analysis/security-rules";
import type { SubnetPlan } from "../../components/network/analysis/subnet-plan";
import {
    type EgressOptions,
    type PlannedRoute,
    type PlannedSecurityRule,
    type RulePlacement,
    asRoute,
    asSecurityRule,
    planRoutes,
    planSecurityRules,
    validateEgress,
} from "../../components/network/egress-plan";
import { securityRules } from "./arbitraries";
import { entraIsReachable } from "./literal-evaluator";

const subnet = "10.0.4.0/28";

const defaultRoute: Route = {
    name: "to-firewall",
    source: "User",
    addressPrefix: "0.0.0.0/0",
    nextHopType: "VirtualAppliance",
    nextHopIpAddress: "10.0.1.4",
};

const key = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/).filter((name) => !(name in Object.prototype));
const block = fc
    .tuple(fc.integer({ min: 20, max: 40 }), fc.nat(255))
    .map(([second, third]) => `10.${String(second)}.${String(third)}.0/24`);
const options: fc.Arbitrary<EgressOptions> = fc.record({
    clients: fc.dictionary(key, block, { maxKeys: 5 }),
    pgBouncer: fc.boolean(),
    replicaSubnets: fc.dictionary(key, block, { maxKeys: 3 }),
    storageRegions: fc.option(fc.constant(["West Europe"]), { nil: undefined }),
    denyOther: fc.subarray<Direction>(["Inbound", "Outbound"]),
});
const surroundings = fc.record({ forcedTunnelling: fc.boolean(), storageEndpoint: fc.boolean() });

/** The subnet with what was planned for it, and a default route to a firewall where tunnelling is forced. */
function subnetWith(
    rules: PlannedSecurityRule[],
    routes: PlannedRoute[],
    { forcedTunnelling, storageEndpoint }: { forcedTunnelling: boolean; storageEndpoint: boolean },
): SubnetPlan {
    return {
        addressPrefix: subnet,
        securityRules: rules.map(asSecurityRule),
        routes: [...routes.map(asRoute), ...(forcedTunnelling ? [defaultRoute] : [])],
        addressSpace: ["10.0.0.0/16"],
        peered: ["10.16.0.0/12", "10.32.0.0/12"],
        storageEndpoint,
        storageRegion: "westeurope",
        cloud: "Public",
    };
}

function unreachable(plan: SubnetPlan, given: EgressOptions): string[] {
    const analysis = analyse(plan, {
        clients: Object.values(given.clients ?? {}),
        pgBouncer: given.pgBouncer ?? true,
        replicas: Object.values(given.replicaSubnets ?? {}),
    });
    return answersOf(analysis)
        .filter(({ reachable }) => reachable !== true)
        .map(({ question }) => question);
}

describe("the planned rules and routes", () => {
    it("reach everything the server needs, whatever is denied besides and wherever traffic is forced to", () => {
        fc.assert(
            fc.property(options, surroundings, (given, around) => {
                const rules = planSecurityRules(subnet, given);
                expect(unreachable(subnetWith(rules, planRoutes(subnet, given, around), around), given)).toEqual([]);
            }),
            { numRuns: 150 },
        );
    });

    it("are each needed: without its rule Entra isn't reached past a denial of the rest", () => {
        fc.assert(
            fc.property(options, surroundings, (given, around) => {
                const denying = { ...given, denyOther: ["Inbound", "Outbound"] as const };
                const rules = planSecurityRules(subnet, denying).filter(
                    ({ destinationAddressPrefix }) => destinationAddressPrefix !== "AzureActiveDirectory",
                );
                const { entra } = analyse(subnetWith(rules, planRoutes(subnet, given, around), around));
                expect(entra).toMatchObject({
                    reachable: false,
                    decidingRule: { name: "entra-postgres-deny-other-out" },
                });
            }),
            { numRuns: 100 },
        );
    });

    it("are each needed: without its route Entra isn't reached past forced tunnelling", () => {
        fc.assert(
            fc.property(options, fc.boolean(), (given, storageEndpoint) => {
                const around = { forcedTunnelling: true, storageEndpoint };
                const routes = planRoutes(subnet, given, around).filter(
                    ({ addressPrefix }) => addressPrefix !== "AzureActiveDirectory",
                );
                const { entra } = analyse(subnetWith(planSecurityRules(subnet, given), routes, around));
                expect(entra).toMatchObject({ reachable: false, decidingRoute: { name: "to-firewall" } });
            }),
            { numRuns: 100 },
        );
    });

    it("reach Entra by Azure's rules taken literally too", () => {
        fc.assert(
            fc.property(options, surroundings, (given, around) => {
                const plan = subnetWith(planSecurityRules(subnet, given), planRoutes(subnet, given, around), around);
                const literally = entraIsReachable({
                    prefix: subnet,
                    addressSpace: ["10.0.0.0/16"],
                    peered: [],
                    rules: planSecurityRules(subnet, given).map(asSecurityRule),
                    routes: plan.routes as Route[],
                    storageEndpoint: around.storageEndpoint,
                    storageRegion: "westeurope",
                    firewalls: [],
                    tagHasDefaultRoutes: true,
                });
                expect(literally).toBe(true);
            }),
            { numRuns: 50 },
        );
    });

    it("route Storage past the firewall only when there is no service endpoint for it", () => {
        const tags = (storageEndpoint: boolean): string[] =>
            planRoutes(subnet, {}, { forcedTunnelling: true, storageEndpoint }).map(
                ({ addressPrefix }) => addressPrefix,
            );
        expect(tags(true)).toEqual(["AzureActiveDirectory", subnet]);
        expect(tags(false)).toEqual(["AzureActiveDirectory", subnet, "Storage"]);
    });

    it("allow both regions' Storage to a primary with a replica elsewhere", () => {
        const rules = planSecurityRules(subnet, { storageRegions: ["westeurope", "North Europe"] });
        expect(rules.map(({ destinationAddressPrefix }) => destinationAddressPrefix)).toEqual(
            expect.arrayContaining(["Storage.westeurope", "Storage.northeurope"]),
        );
    });
});

describe("priorities", () => {
    const placement: fc.Arbitrary<RulePlacement> = fc
        .tuple(
            fc.integer({ min: 100, max: 3900 }),
            fc.integer({ min: 0, max: 96 }),
            fc.uniqueArray(fc.integer({ min: 100, max: 4096 }), { maxLength: 60 }),
            fc.uniqueArray(fc.integer({ min: 100, max: 4096 }), { maxLength: 60 }),
        )
        .map(([from, size, inbound, outbound]) => ({
            priorities: { from, to: from + size },
            taken: { Inbound: inbound, Outbound: outbound },
        }));

    it("never meet those of rules that are there, nor one another; or the plan is refused", () => {
        fc.assert(
            fc.property(options, placement, (given, where) => {
                const faults = validateEgress(subnet, given, where);
                if (faults.length > 0) {
                    expect(faults.map(({ field }) => field)).toEqual(["priorities"]);
                    return;
                }
                const { from, to } = where.priorities ?? { from: 0, to: 0 };
                for (const direction of ["Inbound", "Outbound"] as const) {
                    const own = planSecurityRules(subnet, given, where).filter((rule) => rule.direction === direction);
                    const all = [...own.map(({ priority }) => priority), ...(where.taken?.[direction] ?? [])];
                    expect(new Set(all).size).toBe(all.length);
                    for (const { priority, access } of own) {
                        expect(priority).toBeGreaterThanOrEqual(access === "Allow" ? from : 4000);
                        expect(priority).toBeLessThanOrEqual(access === "Allow" ? to : 4096);
                    }
                }
            }),
            { numRuns: 300 },
        );
    });

    it("put the rules before any denial that has a higher number", () => {
        fc.assert(
            fc.property(securityRules, (existing) => {
                const others = existing
                    .map((rule, index) => ({ ...rule, priority: 2000 + index, access: "Deny" as const }))
                    .concat([]);
                const around = { forcedTunnelling: false, storageEndpoint: true };
                const plan = subnetWith(planSecurityRules(subnet, {}), [], around);
                const both = {
                    ...plan,
                    securityRules: [...others, ...planSecurityRules(subnet, {}).map(asSecurityRule)],
                };
                expect(unreachable(both, {})).toEqual([]);
            }),
            { numRuns: 100 },
        );
    });

    it("stay as they are when another client comes or goes", () => {
        const before = planSecurityRules(subnet, { clients: { app: "10.20.0.0/24", jobs: "10.21.0.0/24" } });
        const after = planSecurityRules(subnet, { clients: { jobs: "10.21.0.0/24" } });
        const of = (rules: PlannedSecurityRule[], name: string): number | undefined =>
            rules.find((rule) => rule.name === name)?.priority;
        expect(of(after, "entra-postgres-client-jobs-in")).toBe(of(before, "entra-postgres-client-jobs-in"));
        expect(of(after, "entra-postgres-client-jobs-in")).toBeTypeOf("number");
    });
});

describe("the checks of a plan", () => {
    const fields = (prefix: string, given: EgressOptions, placement?: RulePlacement): string[] =>
        validateEgress(prefix, given, placement).map(({ field }) => field);

    it("refuse a delegated subnet smaller than /28", () => {
        expect(fields("10.0.4.0/29", {})).toEqual(["subnetAddressPrefix"]);
        expect(fields("10.0.4.0/28", {})).toEqual([]);
    });

    it("list every wrong field at once", () => {
        expect(
            fields("10.0.4.5/28", {
                clients: { "on premises": "10.20.0.0/24", app: "10.20.0.1/24" },
                replicaSubnets: { west: "2001:db8::/64" },
                storageRegions: ["west-europe"],
            }),
        ).toEqual([
            "subnetAddressPrefix",
            "clients.on premises",
            "clients.app",
            "replicaSubnets.west",
            "storageRegions[0]",
        ]);
    });

    it("refuse priorities that Azure keeps for itself", () => {
        expect(fields(subnet, {}, { priorities: { from: 1, to: 200 } })).toEqual(["priorities"]);
        expect(fields(subnet, {}, { priorities: { from: 4000, to: 5000 } })).toEqual(["priorities"]);
    });

    it("refuse two clients whose rules Azure would take for one", () => {
        expect(fields(subnet, { clients: { App: "10.20.0.0/24", app: "10.21.0.0/24" } })).toEqual(["clients.app"]);
    });
});
