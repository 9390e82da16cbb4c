import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { validateEntraPostgres } from "../../components/entra-postgres";
import { packageRoot } from "../../local/package-root";
import { networkOf } from "../../stacks/network";
import { type Settings, parseSettings } from "../../stacks/settings";

const folder = join(packageRoot, "stacks");

async function settingsIn(file: string): Promise<Record<string, unknown>> {
    const { config } = parse(await readFile(join(folder, file), "utf8")) as { config: Record<string, unknown> };
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("orders:", ""), value]));
}

describe("the stacks' settings", () => {
    it("are all in order", async () => {
        const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
        expect(files.length).toBe(4);
        for (const file of files) {
            const { resourceGroup, network, ...settings }: Settings = parseSettings(await settingsIn(file), file);
            const args = {
                ...settings,
                resourceGroupName: resourceGroup.name,
                network: networkOf(network, resourceGroup.name),
            };
            expect(validateEntraPostgres(args), file).toEqual([]);
        }
    });

    it("protect what production keeps", async () => {
        const { server } = parseSettings(await settingsIn("Pulumi.prod.yaml"), "prod");
        expect(server).toMatchObject({ protect: true, highAvailability: { mode: "ZoneRedundant" } });
    });

    it("refuse unknown keys with what was probably meant, all at once", async () => {
        const settings = await settingsIn("Pulumi.dev.yaml");
        const wrong = {
            ...settings,
            server: { ...(settings["server"] as object), verson: "17" },
            network: { mode: "PublicAccess", firewalRules: [] },
        };
        expect(() => parseSettings(wrong, "dev")).toThrow(
            /server\.verson: unknown key; did you mean version\?[\s\S]*did you mean firewallRules\?/,
        );
    });
});
