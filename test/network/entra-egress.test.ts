import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { EntraEgress, type EntraEgressArgs, validateEntraEgress } from "../../components/network/entra-egress";
import { type Recording, record, valueOf } from "../support/recording";
import { defaultRoute, failureOf, id, networkAnswers } from "./support";
import { denyOutbound } from "../support/security-rules";

const rule = "azure-native:network:SecurityRule";
const route = "azure-native:network:Route";

const args = {
    subnetAddressPrefix: "10.0.4.0/28",
    networkSecurityGroup: { id: id("networkSecurityGroups/team", "network") },
    routeTable: { id: id("routeTables/team", "routing") },
} satisfies EntraEgressArgs;

const denial = denyOutbound("lockdown", 4000);

function make(given: EntraEgressArgs, answers = networkAnswers()): Promise<Recording<EntraEgress>> {
    return record(() => new EntraEgress("orders", given), answers);
}

function faultyFields(given: EntraEgressArgs): string[] {
    return validateEntraEgress("orders", given).map(({ field }) => field);
}

function prefixes(recording: Recording<unknown>): unknown[] {
    return recording.ofType(route).map(({ inputs }) => inputs["addressPrefix"]);
}

describe("EntraEgress", () => {
    it("adds rules and routes to what others own, each in its own resource group", async () => {
        const recording = await make(args, networkAnswers({ securityRules: [denial], routes: [defaultRoute] }));
        for (const { inputs } of recording.ofType(rule)) {
            expect(inputs).toMatchObject({ resourceGroupName: "network", networkSecurityGroupName: "team" });
        }
        expect(recording.ofType(route)[0]?.inputs).toMatchObject({
            resourceGroupName: "routing",
            routeTableName: "team",
        });
        expect(prefixes(recording)).toEqual(["AzureActiveDirectory", "10.0.4.0/28"]);
        expect((await valueOf(recording.result.analysis)).entra.reachable).toBe(true);
    });

    it("works while the subnet of another stack isn't known", async () => {
        const recording = await record(
            () =>
                new EntraEgress("orders", {
                    ...args,
                    subnetAddressPrefix: pulumi.output(Promise.resolve("10.0.9.0/28")),
                }),
            networkAnswers(),
        );
        expect(prefixes(recording)).toEqual(["AzureActiveDirectory", "10.0.9.0/28"]);
    });

    it("keeps clear of the priorities of rules that it is told of", async () => {
        const first = (await make(args)).ofType(rule).map(({ inputs }) => inputs["priority"] as number);
        const securityRules = first.map((priority, index) => ({
            ...denial,
            name: `theirs-${String(index)}`,
            access: "Allow",
            priority,
        }));
        const group = { ...args.networkSecurityGroup, securityRules };
        const second = (await make({ ...args, networkSecurityGroup: group })).ofType(rule);
        const outbound = second.filter(({ inputs }) => inputs["direction"] === "Outbound");
        for (const { inputs } of outbound) expect(first).not.toContain(inputs["priority"]);
    });

    it("says so when a rule that it reads has one of its priorities", async () => {
        const [taken] = (await make(args)).ofType(rule);
        const theirs = {
            ...denial,
            name: "theirs",
            access: "Allow",
            direction: taken?.inputs["direction"],
            priority: taken?.inputs["priority"],
        };
        const message = await failureOf(
            () => new EntraEgress("orders", args),
            networkAnswers({ securityRules: [theirs] }),
        );
        expect(message).toContain("networkSecurityGroup.priorities");
        expect(message).toContain("theirs");
    });

    it("finds its own rules and routes of an earlier deployment without taking them for others'", async () => {
        const before = await make(args);
        const answers = networkAnswers({
            securityRules: before.ofType(rule).map(({ inputs }) => ({ ...inputs, name: inputs["securityRuleName"] })),
            routes: before.ofType(route).map(({ inputs }) => ({ ...inputs, name: inputs["routeName"] })),
        });
        const after = await make(args, answers);
        expect(after.ofType(rule).map(({ inputs }) => inputs)).toEqual(before.ofType(rule).map(({ inputs }) => inputs));
        expect(after.ofType(route)).toHaveLength(before.ofType(route).length);
    });

    it("doesn't make a route that the table is said to have", async () => {
        const routes = [{ name: "entra", addressPrefix: "AzureActiveDirectory", nextHopType: "Internet" }];
        const recording = await make({ ...args, routeTable: { ...args.routeTable, routes } });
        expect(prefixes(recording)).toEqual(["10.0.4.0/28"]);
    });

    it("refuses a table that sends Entra elsewhere", () => {
        const routes = [
            {
                name: "inspect",
                addressPrefix: "AzureActiveDirectory",
                nextHopType: "VirtualAppliance",
                nextHopIpAddress: "10.0.1.4",
            },
        ];
        expect(faultyFields({ ...args, routeTable: { ...args.routeTable, routes } })).toContain("routeTable.routes");
    });

    it("refuses a denial that is read before its rules, and names it", () => {
        const group = { ...args.networkSecurityGroup, securityRules: [{ ...denial, priority: 150 }] };
        const [fault] = validateEntraEgress("orders", { ...args, networkSecurityGroup: group });
        expect(fault?.given).toContain("rule lockdown (150, Outbound, Deny)");
        const placed = { ...group, priorities: { from: 100, to: 149 } };
        expect(faultyFields({ ...args, networkSecurityGroup: placed })).toEqual([]);
    });

    it("lets two subnets share a network security group", async () => {
        const names = async (name: string): Promise<unknown[]> =>
            (await record(() => new EntraEgress(name, args), networkAnswers()))
                .ofType(rule)
                .map(({ inputs }) => inputs["securityRuleName"]);
        const both = [...(await names("orders")), ...(await names("billing"))];
        expect(new Set(both).size).toBe(both.length);
    });

    it("refuses to do nothing", () => {
        expect(faultyFields({ subnetAddressPrefix: "10.0.4.0/28" })).toEqual(["networkSecurityGroup"]);
    });
});
