import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subnetsOfPreview } from "../../commands/network/plan-from-preview";
import { runCommand } from "../support/command";
import { denyOutbound } from "../support/security-rules";

let directory: string;

beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ep-"));
});

afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
    const { exitCode, output, errors } = await runCommand(args);
    return { code: exitCode, output: output + errors };
}

const denial = { securityRules: [denyOutbound("deny-all", 200)] };

const entra = {
    ...denial.securityRules[0],
    name: "allow-entra",
    priority: 100,
    access: "Allow",
    protocol: "Tcp",
    destinationAddressPrefix: "AzureActiveDirectory",
    destinationPortRange: "443",
};

describe("entra-postgres network check", () => {
    it("names the rule that keeps Entra away, within 80 columns, and fails", async () => {
        const file = join(directory, "nsg.json");
        await writeFile(file, JSON.stringify(denial));
        const { code, output } = await run(
            "network",
            "check",
            "--subnet-prefix",
            "10.0.4.0/28",
            "--network-security-group",
            file,
        );
        expect(code).toBe(1);
        expect(output).toMatch(/NO .*Entra/);
        expect(output).toContain("deny-all");
        expect(Math.max(...output.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    });

    it("says what to give when nothing was given", async () => {
        const { code, output } = await run("network", "check");
        expect(code).toBe(1);
        expect(output).toContain("Give --preview with a file");
        expect(output).not.toContain("at ");
    });

    it("reads a preview in which ids aren't known yet", () => {
        const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        const step = (type: string, name: string, inputs: Record<string, unknown>) => ({
            op: "create",
            urn: `urn:pulumi:dev::orders::azure-native:network:${type}::${name}`,
            newState: { type: `azure-native:network:${type}`, inputs },
        });
        const subnet = step("Subnet", "orders", {
            addressPrefix: "10.0.4.0/28",
            delegations: [{ name: "db", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
            networkSecurityGroup: { id: unknown },
        });
        const judged = (securityRules: unknown[]) =>
            subnetsOfPreview(
                JSON.stringify({ steps: [subnet, step("NetworkSecurityGroup", "orders", { securityRules })] }),
            )[0]?.analysis.entra;
        expect(judged(denial.securityRules)).toMatchObject({ reachable: false, decidingRule: { name: "deny-all" } });
        expect(judged([entra, ...denial.securityRules])).toMatchObject({
            reachable: true,
            decidingRule: { name: "allow-entra" },
        });
    });
});

describe("entra-postgres", () => {
    it.each([
        [["--help"]],
        [["local", "--help"]],
        [["import", "--help"]],
        [["sync", "--help"]],
        [["sql", "--help"]],
        [["summary", "--help"]],
        [["plan", "--help"]],
        [["connect", "--help"]],
        [["network", "--help"]],
        [["network", "check", "--help"]],
        [["network", "dns", "--help"]],
    ])("%s fits 80 columns", async (args) => {
        const { output } = await run(...args);
        expect(output).toContain("Usage:");
        expect(Math.max(...output.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    });
});
