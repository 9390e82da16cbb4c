import { describe, expect, it } from "vitest";
import { validateEntraPostgres } from "../../components/entra-postgres";
import { allStacks, configurationOf, readProject } from "../../local/stack-files";
import { networkOf } from "../../stacks/network";
import { withLifetime } from "../../stacks/ephemeral";
import { parseSettings, sections } from "../../stacks/settings";

const lifetime = { suffix: "7f3a9c", expires: "2026-12-01T00:00:00Z" };

async function settingsOf(stack: string): Promise<Record<string, unknown>> {
    const config = await configurationOf(stack);
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("orders:", ""), value]));
}

describe("the stacks' settings", () => {
    it("are all in order", async () => {
        const stacks = await allStacks();
        expect(stacks.length).toBe(5);
        for (const stack of stacks) {
            const given = { ...(await settingsOf(stack)), ...(stack === "pr" && { ephemeral: lifetime }) };
            const authentication = { mode: "EntraOnly" };
            const { resourceGroup, network, ...settings } = withLifetime(
                parseSettings({ authentication, ...given }, stack),
                stack,
            );
            const args = {
                ...settings,
                resourceGroupName: resourceGroup.name,
                network: networkOf(network, resourceGroup.name),
            };
            expect(validateEntraPostgres(args), stack).toEqual([]);
        }
    });

    it("protect what production keeps, and keep it off the Internet", async () => {
        const { server, network } = parseSettings(await settingsOf("prod"), "prod");
        expect(network).toMatchObject({ mode: "VirtualNetworkIntegration", denyOther: ["Inbound", "Outbound"] });
        expect(server).toMatchObject({ protect: true, highAvailability: { mode: "ZoneRedundant" } });
    });

    it("refuse unknown keys with what was probably meant, all at once", async () => {
        const settings = await settingsOf("dev");
        const wrong = {
            ...settings,
            server: { ...(settings["server"] as object), verson: "17" },
            network: { mode: "PublicAccess", firewalRules: [] },
        };
        expect(() => parseSettings(wrong, "dev")).toThrow(
            /server\.verson: unknown key; did you mean version\?[\s\S]*did you mean firewallRules\?/,
        );
    });

    it("are all declared in Pulumi.yaml, but for what has neither a default nor a place in every stack", async () => {
        const { config } = await readProject();
        expect([...Object.keys(config), "ephemeral"].sort()).toEqual(Object.keys(sections).sort());
    });

    it("give a pull request's stack a suffix and an end, and refuse one without", async () => {
        const settings = { authentication: { mode: "EntraOnly" }, ...(await settingsOf("pr")) };
        expect(() => parseSettings(settings, "pr-12")).toThrow(/ephemeral: missing in a stack of a pull request/);
        expect(() => parseSettings({ ...settings, ephemeral: { suffix: "A", expires: "soon" } }, "pr-12")).toThrow(
            /ephemeral.suffix: 4 to 12 lower-case[\s\S]*ephemeral.expires: a time in UTC/,
        );
        const { resourceGroup, server } = withLifetime(
            parseSettings({ ...settings, ephemeral: lifetime }, "pr-12"),
            "pr-12",
        );
        const tags = { stack: "pr-12", expires: lifetime.expires };
        expect(resourceGroup).toMatchObject({ name: "orders-pr-7f3a9c", tags });
        expect(server).toMatchObject({ serverName: "orders-pr-7f3a9c", tags, protect: false });
    });
});
