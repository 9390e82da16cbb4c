import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { notKnown } from "../../components/network/analysis/known";
import {
    type Answer,
    canBeReachedBy,
    canReachEntra,
    canReachStorage,
    canReplicateWithin,
} from "../../components/network/analysis/reachability";
import type { Route } from "../../components/network/analysis/routes";
import type { SecurityRule } from "../../components/network/analysis/security-rules";
import type { SubnetPlan } from "../../components/network/analysis/subnet-plan";
import { asPlan, literalSubnet } from "./arbitraries";
import {
    type LiteralSubnet,
    clientsReach,
    entraIsReachable,
    storageIsReachable,
    subnetReachesItself,
} from "./literal-evaluator";

const questions: {
    name: string;
    ask: (plan: SubnetPlan) => Answer;
    literally: (subnet: LiteralSubnet) => boolean;
}[] = [
    { name: "Entra", ask: canReachEntra, literally: entraIsReachable },
    { name: "Storage", ask: canReachStorage, literally: storageIsReachable },
    { name: "the subnet itself", ask: canReplicateWithin, literally: subnetReachesItself },
    {
        name: "clients on premises",
        ask: (plan) => canBeReachedBy(plan, "10.9.0.0/24", 6432),
        literally: (subnet) => clientsReach(subnet, "10.9.0.0/24", 6432),
    },
];

/** Whether Microsoft's documentation itself leaves the meaning of a rule or route in the plan open. */
function isAmbiguous(subnet: LiteralSubnet, question: string): boolean {
    const defaultRoute = subnet.routes.some(({ addressPrefix }) => addressPrefix === "0.0.0.0/0");
    const publicBlock = JSON.stringify([subnet.rules, subnet.routes]).match(/"(?:\d+\.){3}\d+(?:\/\d+)?"/g) ?? [];
    return (
        (defaultRoute && subnet.rules !== undefined) ||
        (question === "Storage" && publicBlock.some((text) => !text.startsWith('"10.') && !text.includes("/0")))
    );
}

describe("the analysis of a subnet", () => {
    it.each(questions)("agrees with Azure's rules taken literally about $name", ({ name, ask, literally }) => {
        fc.assert(
            fc.property(literalSubnet, (subnet) => {
                const answer = ask(asPlan(subnet));
                const worlds = new Set(
                    [true, false].map((tagHasDefaultRoutes) => literally({ ...subnet, tagHasDefaultRoutes })),
                );
                if (answer.reachable === "Undecidable") expect(isAmbiguous(subnet, name)).toBe(true);
                else expect([...worlds]).toEqual([answer.reachable]);
            }),
            { numRuns: 600 },
        );
    });

    it.each(questions)("never decides about $name what an unknown value could change", ({ ask, literally }) => {
        const blanks = fc.array(fc.tuple(fc.nat(9), fc.constantFrom(...blankable)), { minLength: 1, maxLength: 4 });
        fc.assert(
            fc.property(literalSubnet, blanks, (subnet, fields) => {
                const plan = asPlan(subnet);
                const answer = ask({
                    ...plan,
                    securityRules: subnet.rules?.map((rule, index) => blanked(rule, index, fields)),
                    routes: subnet.routes.map((route, index) => blanked(route, index, fields)),
                });
                if (answer.reachable !== "Undecidable") expect(literally(subnet)).toBe(answer.reachable);
            }),
            { numRuns: 300 },
        );
    });

    it("doesn't decide while the subnet isn't known", () => {
        expect(canReachEntra({ ...plan(), addressPrefix: notKnown }).reachable).toBe("Undecidable");
        expect(canReachEntra({ ...plan(), securityRules: notKnown }).reachable).toBe("Undecidable");
        expect(canReachEntra({ ...plan(), routes: notKnown }).reachable).toBe("Undecidable");
    });

    it("says yes without a network security group and a route table", () => {
        const answer = canReachEntra({ ...plan(), securityRules: undefined });
        expect(answer).toMatchObject({ reachable: true, decidingRule: undefined, decidingRoute: { name: "default" } });
    });

    it("names the default rule that lets a plain subnet out", () => {
        expect(canReachEntra(plan()).decidingRule?.name).toBe("AllowInternetOutBound");
    });

    it("names the rule that denies", () => {
        const answer = canReachEntra(plan({ rules: [rule("lockdown", 4000, "Deny", "*")] }));
        expect(answer).toMatchObject({ reachable: false, decidingRule: { name: "lockdown" } });
        expect(answer.explanation).toContain("rule lockdown (4000, Outbound, Deny)");
    });

    it("names the route that leads to an appliance, and says how to get past it", () => {
        const answer = canReachEntra(plan({ routes: [defaultRoute] }));
        expect(answer).toMatchObject({ reachable: false, decidingRoute: { name: "to-firewall" } });
        expect(answer.explanation).toContain("route to-firewall (0.0.0.0/0 to VirtualAppliance 10.0.1.4)");
        expect(answer.explanation).toContain("firewalls");
    });

    it("takes an appliance's owner at their word", () => {
        const firewalls = [{ nextHop: "10.0.1.4", allows: ["AzureActiveDirectory" as const] }];
        expect(canReachEntra({ ...plan({ routes: [defaultRoute] }), firewalls }).reachable).toBe(true);
        expect(canReachStorage({ ...plan({ routes: [defaultRoute] }), firewalls }).reachable).toBe(false);
    });

    it("finds a rule that denies a part of Entra's addresses only", () => {
        const answer = canReachEntra(plan({ rules: [rule("old-block", 200, "Deny", "40.126.16.0/20")] }));
        expect(answer).toMatchObject({ reachable: false, unreached: ["40.126.16.0/20"] });
        expect(answer.explanation).toContain("part of the addresses (40.126.16.0/20)");
    });

    it("finds a rule that denies a part of the subnet only", () => {
        const deny = { ...rule("half", 200, "Deny", "*"), sourceAddressPrefixes: ["10.0.4.8/29"] };
        expect(canReachEntra(plan({ rules: [deny] })).reachable).toBe(false);
    });

    it("sees through a default route split in two halves", () => {
        const halves = ["0.0.0.0/1", "128.0.0.0/1"].map((addressPrefix) => ({ ...defaultRoute, addressPrefix }));
        expect(canReachEntra(plan({ routes: halves })).reachable).toBe(false);
    });

    it("lets a rule for another region's Storage deny without harm", () => {
        const denied = (tag: string): boolean | "Undecidable" =>
            canReachStorage({ ...plan({ rules: [rule("s", 200, "Deny", tag)] }), storageRegion: "West Europe" })
                .reachable;
        expect(denied("Storage.EastUS")).toBe(true);
        expect(denied("Storage.WestEurope")).toBe(false);
        expect(denied("Storage")).toBe(false);
    });

    it("doesn't pretend to know a tag that Microsoft has added since", () => {
        expect(canReachEntra(plan({ rules: [rule("new", 200, "Deny", "BrandNewService")] })).reachable).toBe(
            "Undecidable",
        );
        expect(canReachEntra(plan({ rules: [rule("new", 200, "Allow", "BrandNewService")] })).reachable).toBe(true);
    });

    it("doesn't decide about 5432 in the subnet when a route may or may not be longer than the network's own", () => {
        const route = { ...defaultRoute, addressPrefix: "10.0.0.0/16" };
        const within = (addressSpace: string[] | undefined): boolean | "Undecidable" =>
            canReplicateWithin({ ...plan({ routes: [route] }), addressSpace }).reachable;
        expect(within(undefined)).toBe("Undecidable");
        expect(within(["10.0.0.0/16"])).toBe(false);
        expect(within(["10.0.4.0/24"])).toBe(true);
    });

    it.each(["Public", "USGovernment", "China"] as const)("knows Entra's addresses in the cloud %s", (cloud) => {
        const open = { ...plan(), cloud };
        expect(canReachEntra(open).reachable).toBe(true);
        const closed = { ...plan({ rules: [rule("no-entra", 200, "Deny", "AzureActiveDirectory")] }), cloud };
        expect(canReachEntra(closed).reachable).toBe(false);
    });
});

const blankable = [
    "priority",
    "direction",
    "access",
    "protocol",
    "sourceAddressPrefixes",
    "destinationAddressPrefixes",
    "destinationPortRanges",
    "addressPrefix",
    "nextHopType",
    "nextHopIpAddress",
] as const;

/** The rule or route with the chosen fields made unknown. */
function blanked<T extends object>(item: T, index: number, fields: [number, string][]): T {
    const here = fields.filter(([at, field]) => at === index && field in item).map(([, field]) => [field, notKnown]);
    return { ...item, ...(Object.fromEntries(here) as Partial<T>) };
}

const defaultRoute: Route = {
    name: "to-firewall",
    source: "User",
    addressPrefix: "0.0.0.0/0",
    nextHopType: "VirtualAppliance",
    nextHopIpAddress: "10.0.1.4",
};

function plan({ rules = [], routes = [] }: { rules?: SecurityRule[]; routes?: Route[] } = {}): SubnetPlan {
    return {
        addressPrefix: "10.0.4.0/28",
        securityRules: rules,
        routes,
        addressSpace: ["10.0.0.0/16"],
        peered: [],
        storageEndpoint: false,
        cloud: "Public",
    };
}

function rule(name: string, priority: number, access: "Allow" | "Deny", destination: string): SecurityRule {
    return {
        name,
        priority,
        direction: "Outbound",
        access,
        protocol: "*",
        sourceAddressPrefixes: ["*"],
        destinationAddressPrefixes: [destination],
        sourcePortRanges: ["*"],
        destinationPortRanges: ["*"],
    };
}
