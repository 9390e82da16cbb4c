import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAzureServer } from "../../commands/doctor/azure-server";
import type { Cause } from "../../commands/doctor/causes";
import { type Diagnosis, type Question, examine } from "../../commands/doctor/examine";
import { analysisFromFiles } from "../../commands/network/check";
import { serverHost } from "../../components/clouds";
import { kindOfToken } from "../../local/azure/kinds";
import type { Properties, Resource } from "../../local/azure/resource-manager";
import { administrators, dana } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { usualQuestion } from "../support/doctor-question";
import { denyOutbound } from "../support/security-rules";

const prefix = "10.0.4.0/28";
const zone = "orders.private.postgres.database.azure.com";
let emulation: Emulation;

beforeAll(async () => {
    // The address of this machine as the firewalls see it.
    emulation = await Emulation.start({ settleTime: 0, clientAddress: "203.0.113.7" });
    Object.assign(process.env, emulation.issuer.environment(emulation.deployer.objectId));
    await put("resources:ResourceGroup", { location: "westeurope" });
    await put("network:VirtualNetwork", {
        virtualNetworkName: "v",
        addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
    });
    await put("network:NetworkSecurityGroup", { networkSecurityGroupName: "g", securityRules: [] });
    await put("network:RouteTable", { routeTableName: "t", routes: [] });
    const group = id("networkSecurityGroups/g");
    await put("network:Subnet", {
        virtualNetworkName: "v",
        subnetName: "s",
        addressPrefix: prefix,
        networkSecurityGroup: { id: group },
        routeTable: { id: id("routeTables/t") },
        delegations: [{ name: "d", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
    });
    await put("privatedns:PrivateZone", { privateZoneName: zone });
    await put("privatedns:VirtualNetworkLink", {
        privateZoneName: zone,
        virtualNetworkLinkName: "l",
        virtualNetwork: { id: id("virtualNetworks/v") },
    });
    await putServer("open", { publicNetworkAccess: "Enabled" });
    await putServer("integrated", {
        delegatedSubnetResourceId: id("virtualNetworks/v/subnets/s"),
        privateDnsZoneArmResourceId: id(`privateDnsZones/${zone}`),
    });
}, 120_000);

afterAll(async () => {
    await emulation.stop();
});

function put(token: string, properties: Properties): Promise<Resource> {
    const kind = kindOfToken(`azure-native:${token}`);
    return emulation.resourceManager.put(kind, { resourceGroupName: "g", ...properties });
}

function id(path: string): string {
    const { subscriptionId } = emulation.resourceManager;
    return `/subscriptions/${subscriptionId}/resourceGroups/g/providers/Microsoft.Network/${path}`;
}

function serverProperties(network: Properties): Properties {
    return {
        version: "17",
        sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
        storage: { storageSizeGB: 64 },
        backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
        authConfig: {
            activeDirectoryAuth: "Enabled",
            passwordAuth: "Disabled",
            tenantId: emulation.directory.tenantId,
        },
        network,
    };
}

async function putServer(serverName: string, network: Properties): Promise<void> {
    await put("dbforpostgresql:Server", { serverName, ...serverProperties(network) });
    await put("dbforpostgresql:AdministratorsMicrosoftEntra", {
        serverName,
        objectId: administrators.objectId,
        principalName: administrators.displayName,
        principalType: "Group",
    });
}

/** An administrator signs in to a server. */
async function diagnose(server: string, changed: Partial<Question> = {}): Promise<Diagnosis> {
    const text = emulation.gateway.certificates.root;
    const file = join(emulation.runDirectory, "root.pem");
    await writeFile(file, text);
    return examine({
        ...usualQuestion,
        host: serverHost(server),
        port: emulation.gateway.port,
        user: administrators.displayName,
        database: "postgres",
        rootCertificate: { file, text },
        password: await emulation.issuer.issue(dana),
        administrator: undefined,
        now: Date.now(),
        ...changed,
    });
}

/** What `az ... show` prints of a resource, in a file. */
async function shown(resource: Resource): Promise<string> {
    const file = join(emulation.runDirectory, "shown.json");
    await writeFile(file, JSON.stringify({ id: resource.id, ...resource.properties }));
    return file;
}

function expectCause(found: Diagnosis, cause: Cause): void {
    expect(found.fault?.cause, JSON.stringify(found, undefined, 1)).toBe(cause);
}

describe("the doctor's diagnosis of networks", () => {
    it("is that nothing is wrong in a subnet from which Entra is reached", async () => {
        expect((await diagnose("integrated")).fault).toBeUndefined();
    });

    it("of a server without a rule for this address is FirewallRuleMissing, with the address", async () => {
        const found = await diagnose("open");
        expectCause(found, "FirewallRuleMissing");
        expect(found.message).toContain("203.0.113.7");
        await put("dbforpostgresql:FirewallRule", {
            serverName: "open",
            firewallRuleName: "here",
            startIpAddress: "203.0.113.7",
            endIpAddress: "203.0.113.7",
        });
        expect((await diagnose("open")).fault).toBeUndefined();
        const closed = await put("dbforpostgresql:Server", {
            serverName: "open",
            ...serverProperties({ publicNetworkAccess: "Disabled" }),
        });
        const azure = readAzureServer(JSON.stringify({ state: "Ready", ...closed.properties }));
        expectCause(await diagnose("open", { azure }), "PublicAccessOff");
    });

    it("of security rules that keep Entra away is EgressBlocked, with the rule", async () => {
        const group = await put("network:NetworkSecurityGroup", {
            networkSecurityGroupName: "g",
            securityRules: [denyOutbound("deny-all", 100)],
        });
        const egress = await analysisFromFiles({ subnetPrefix: prefix, networkSecurityGroup: await shown(group) });
        const found = await diagnose("integrated", { egress });
        expectCause(found, "EgressBlocked");
        expect(found.fault?.detail).toContain("deny-all");

        // Without the files it is seen by the administrator, whom the server doesn't let in either.
        expectCause(await diagnose("integrated", { administrator: administrators.displayName }), "EntraUnreachable");
        expectCause(await diagnose("integrated"), "TokenNotValidated");
        await put("network:NetworkSecurityGroup", { networkSecurityGroupName: "g", securityRules: [] });
    });

    it("of a route that leads Entra's packets away is EgressBlocked, with the route", async () => {
        const table = await put("network:RouteTable", {
            routeTableName: "t",
            routes: [{ name: "nowhere", addressPrefix: "0.0.0.0/0", nextHopType: "None" }],
        });
        const egress = await analysisFromFiles({ subnetPrefix: prefix, routeTable: await shown(table) });
        const found = await diagnose("integrated", { egress });
        expectCause(found, "EgressBlocked");
        expect(found.fault?.detail).toContain("nowhere");
        await put("network:RouteTable", { routeTableName: "t", routes: [] });
    });

    it("of a zone that isn't linked is ServerNameUnknown", async () => {
        const [link] = emulation.resourceManager.list("privatedns:VirtualNetworkLink");
        await emulation.resourceManager.delete(link?.id ?? "");
        expectCause(await diagnose("integrated"), "ServerNameUnknown");
        await put("privatedns:VirtualNetworkLink", {
            privateZoneName: zone,
            virtualNetworkLinkName: "l",
            virtualNetwork: { id: id("virtualNetworks/v") },
        });
    });
});
