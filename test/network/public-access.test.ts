import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
    PublicAccess,
    type PublicAccessRules,
    entireInternet,
    planPublicAccess,
    validatePublicAccess,
} from "../../components/network/public-access";
import { record } from "../support/recording";

const server = { serverName: "orders", resourceGroupName: "orders" };

describe("PublicAccess", () => {
    it("makes no rule that nobody asked for (other modules open the server to the Internet by default)", async () => {
        expect(planPublicAccess({})).toEqual([]);
        const recording = await record(() => new PublicAccess("orders", { server }));
        expect(recording.ofType("azure-native:dbforpostgresql:FirewallRule")).toEqual([]);
    });

    it("makes the rules one after another, named after the component and the rule", async () => {
        const firewallRules = [
            { name: "office", cidr: "203.0.113.0/28" },
            { name: "home", startIpAddress: "198.51.100.7", endIpAddress: "198.51.100.7" },
        ];
        const recording = await record(() => new PublicAccess("orders", { server, firewallRules }));
        const [first, second] = recording.ofType("azure-native:dbforpostgresql:FirewallRule");
        expect(first?.inputs).toMatchObject({
            firewallRuleName: "office",
            startIpAddress: "203.0.113.0",
            endIpAddress: "203.0.113.15",
        });
        expect(second?.dependsOn).toContain(first?.urn);
        expect([first?.name, second?.name]).toEqual(["orders-office", "orders-home"]);
    });

    it("warns of what lets everybody in", async () => {
        const recording = await record(
            () =>
                new PublicAccess("orders", {
                    server,
                    allowAllAzureServices: true,
                    allowEntireInternet: entireInternet,
                }),
        );
        expect(recording.log.filter(({ severity }) => severity === "warn")).toHaveLength(2);
        expect(planPublicAccess({ allowAllAzureServices: true })).toEqual([
            { name: "AllowAllAzureServices", startIpAddress: "0.0.0.0", endIpAddress: "0.0.0.0" },
        ]);
    });

    it.each<[string, unknown, string]>([
        [
            "the whole Internet in a rule",
            { firewallRules: [{ name: "all", startIpAddress: "0.0.0.0", endIpAddress: "255.255.255.255" }] },
            "firewallRules[0]",
        ],
        ["the whole Internet as a block", { firewallRules: [{ name: "all", cidr: "0.0.0.0/0" }] }, "firewallRules[0]"],
        [
            "all Azure services without saying so",
            { firewallRules: [{ name: "azure", cidr: "0.0.0.0/32" }] },
            "firewallRules[0]",
        ],
        ["the whole Internet in other words", { allowEntireInternet: true }, "allowEntireInternet"],
        [
            "addresses the wrong way round",
            { firewallRules: [{ name: "a", startIpAddress: "10.0.0.2", endIpAddress: "10.0.0.1" }] },
            "firewallRules[0]",
        ],
        ["IPv6", { firewallRules: [{ name: "a", cidr: "2001:db8::/32" }] }, "firewallRules[0]"],
        [
            "a name twice",
            {
                firewallRules: [
                    { name: "a", cidr: "10.0.0.1/32" },
                    { name: "A", cidr: "10.0.0.2/32" },
                ],
            },
            "firewallRules[1].name",
        ],
        [
            "a name with blanks",
            { firewallRules: [{ name: "my office", cidr: "10.0.0.1/32" }] },
            "firewallRules[0].name",
        ],
    ])("refuses %s", (_, rules, field) => {
        expect(validatePublicAccess(rules as PublicAccessRules).map((fault) => fault.field)).toEqual([field]);
    });

    it("covers exactly the addresses of a block", () => {
        fc.assert(
            fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, bits) => {
                const [rule] = planPublicAccess({
                    firewallRules: [{ name: "block", cidr: `${address}/${String(bits)}` }],
                });
                const number = (text = ""): number =>
                    text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
                expect(number(rule?.endIpAddress) - number(rule?.startIpAddress) + 1).toBe(2 ** (32 - bits));
                expect(number(rule?.startIpAddress)).toBeLessThanOrEqual(number(address));
                expect(number(rule?.endIpAddress)).toBeGreaterThanOrEqual(number(address));
            }),
        );
    });
});
