import { join } from "node:path";
import { Server } from "@pulumi/azure-native/dbforpostgresql/server";
import { FirewallRule } from "@pulumi/azure-native/dbforpostgresql/firewallRule";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../local/package-root";
import { Deployment, entraPostgres, inGroup, smallest } from "../support/deployment";

const pack = join(packageRoot, "policies");
let deployment: Deployment;

beforeEach(async () => {
    deployment = await Deployment.start({ stackName: "prod" });
    const { workspace } = deployment.automation;
    Object.assign(workspace.envVars, {
        PATH: `${join(packageRoot, "test", "support", "engine-plugins")}:${String(workspace.envVars["PATH"])}`,
    });
});

afterEach(async () => {
    await deployment.stop();
});

describe("the policy pack on the real engine", () => {
    it("refuses a program of bare resources that does everything wrong", async () => {
        const bad = inGroup((resourceGroupName) => {
            const server = new Server("legacy", {
                resourceGroupName,
                serverName: "legacy",
                version: "17",
                sku: { name: "Standard_B1ms", tier: "Burstable" },
                administratorLogin: "keeper",
                administratorLoginPassword: "S3cret-given-by-hand",
                authConfig: { activeDirectoryAuth: "Disabled", passwordAuth: "Enabled" },
                storage: { storageSizeGB: 32 },
            });
            new FirewallRule("everybody", {
                resourceGroupName,
                serverName: server.name,
                firewallRuleName: "everybody",
                startIpAddress: "0.0.0.0",
                endIpAddress: "255.255.255.255",
            });
            return {};
        });
        const failure = String(await deployment.preview(bad, [pack]).catch((error: unknown) => error));
        for (const policy of [
            "entra-authentication",
            "no-passwords",
            "private-network",
            "no-wide-firewall",
            "protected-data",
            "backups",
            "group-administrator",
        ]) {
            expect(failure, policy).toContain(policy);
        }
        expect(failure).not.toContain("S3cret");
    }, 60_000);

    it("has nothing to say of what the components make", async () => {
        const good = entraPostgres({
            server: { ...smallest.server, protect: true, backup: { retentionDays: 35 } },
            network: {
                mode: "VirtualNetworkIntegration",
                virtualNetwork: {
                    id: "/subscriptions/5c0b0000-0000-4000-8000-000000000001/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub",
                },
                delegatedSubnet: { addressPrefix: "10.20.4.0/28" },
            },
        });
        const { text } = await deployment.preview(good, [pack]);
        expect(text).toContain("entra-postgres");
        expect(text).not.toMatch(/mandatory|advisory/);
    }, 60_000);
});
