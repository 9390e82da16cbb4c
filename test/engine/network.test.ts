import * as network from "@pulumi/azure-native/network";
import { PrivateZone } from "@pulumi/azure-native/privatedns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EntraPostgres, type EntraPostgresNetwork } from "../../index";
import { alice, readers } from "../../local/directory/contoso";
import { changed } from "../../local/engine/local-stack";
import { Deployment, type Program, entraPostgres, inGroup, smallest, spokeNetwork } from "../support/deployment";
import { denyOutbound } from "../support/security-rules";

let deployment: Deployment;

beforeEach(async () => {
    deployment = await Deployment.start();
});

afterEach(async () => {
    await deployment.stop();
});

const access = [
    { principal: { type: "Group", name: readers.displayName }, database: "orders", profile: "Reader" },
] as const;

interface Surroundings {
    virtualNetwork: network.VirtualNetwork;
    subnet: network.Subnet;
}

/** A virtual network with a subnet for endpoints, and a server whose network is put into it. */
function inVirtualNetwork(choose: (surroundings: Surroundings) => EntraPostgresNetwork): Program {
    return inGroup((resourceGroupName) => {
        const { spoke: virtualNetwork, endpoints: subnet } = spokeNetwork(resourceGroupName);
        const orders = new EntraPostgres("orders", {
            ...smallest,
            resourceGroupName,
            network: choose({ virtualNetwork, subnet }),
            access: [...access],
        });
        return { host: orders.host };
    });
}

async function provesItself(program: Program): Promise<void> {
    await deployment.preview(program);
    await deployment.up(program);
    expect(await deployment.query(alice, readers.displayName, "orders", "SELECT current_user AS me")).toEqual([
        { me: readers.displayName },
    ]);
    const again = await deployment.preview(program);
    expect(changed(again.changes), again.text).toBe(0);
    const refreshed = await deployment.refresh();
    expect(changed(refreshed.changes), refreshed.text).toBe(0);
    await deployment.destroy();
}

describe("networks on the real engine", () => {
    it("makes a delegated subnet from which Entra is reached, with everything else denied", async () => {
        await provesItself(
            inVirtualNetwork(({ virtualNetwork }) => ({
                mode: "VirtualNetworkIntegration",
                virtualNetwork: { id: virtualNetwork.id },
                delegatedSubnet: { addressPrefix: "10.0.4.0/28" },
                denyOther: ["Inbound", "Outbound"],
            })),
        );
    }, 90_000);

    it("gets past forced tunnelling to a firewall", async () => {
        await provesItself(
            inVirtualNetwork(({ virtualNetwork }) => ({
                mode: "VirtualNetworkIntegration",
                virtualNetwork: { id: virtualNetwork.id },
                delegatedSubnet: { addressPrefix: "10.0.4.0/28" },
                routeTable: {
                    routes: [
                        {
                            name: "through-the-firewall",
                            addressPrefix: "0.0.0.0/0",
                            nextHopType: "VirtualAppliance",
                            nextHopIpAddress: "10.0.200.4",
                        },
                    ],
                },
            })),
        );
    }, 90_000);

    it("works with a private endpoint alone", async () => {
        await provesItself(
            inVirtualNetwork(({ subnet, virtualNetwork }) => ({
                mode: "PrivateEndpoint",
                subnet: { id: subnet.id },
                privateDnsZone: { links: { spoke: virtualNetwork.id } },
            })),
        );
    }, 90_000);

    it("refuses to change between public access and a delegated subnet, with the way to get there", async () => {
        await deployment.up(entraPostgres());
        const moved = inVirtualNetwork(({ virtualNetwork }) => ({
            mode: "VirtualNetworkIntegration",
            virtualNetwork: { id: virtualNetwork.id },
            delegatedSubnet: { addressPrefix: "10.0.4.0/28" },
        }));
        await expect(deployment.preview(moved)).rejects.toThrow();
        expect(deployment.errors.join("\n")).toMatch(
            /network mode is fixed .* Restore to a new server in a virtual network/,
        );
        expect(deployment.stepsOn("Server")).toEqual([]);
    }, 60_000);

    it("fails as Azure does when an administrator is assigned in a subnet without a way to Entra", async () => {
        const program = inGroup((resourceGroupName) => {
            const group = new network.NetworkSecurityGroup("closed", {
                resourceGroupName,
                networkSecurityGroupName: "closed",
                securityRules: [denyOutbound("deny-internet", 100)],
            });
            const virtualNetwork = new network.VirtualNetwork("spoke", {
                resourceGroupName,
                virtualNetworkName: "spoke",
                addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
            });
            const subnet = new network.Subnet("delegated", {
                resourceGroupName,
                virtualNetworkName: virtualNetwork.name,
                subnetName: "delegated",
                addressPrefix: "10.0.4.0/28",
                networkSecurityGroup: { id: group.id },
                delegations: [{ name: "db", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
            });
            const orders = new EntraPostgres("orders", {
                ...smallest,
                resourceGroupName,
                network: {
                    mode: "VirtualNetworkIntegration",
                    virtualNetwork: { id: virtualNetwork.id },
                    delegatedSubnet: { id: subnet.id, addressPrefix: "10.0.4.0/28" },
                    // As a team does that may not read the network of another.
                    readExisting: false,
                },
            });
            return { host: orders.host };
        });
        await expect(deployment.up(program)).rejects.toThrow();
        expect(deployment.errors.join("\n")).toContain(
            "0LP01: An unexpected error occurred while trying to validate user",
        );
    }, 60_000);

    it("doesn't find a server whose zone nobody linked with its network", async () => {
        const program = inGroup((resourceGroupName) => {
            const virtualNetwork = new network.VirtualNetwork(
                "spoke",
                {
                    resourceGroupName,
                    virtualNetworkName: "spoke",
                    addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
                },
                { ignoreChanges: ["subnets"] },
            );
            const zone = new PrivateZone("central", {
                resourceGroupName,
                privateZoneName: "central.private.postgres.database.azure.com",
                location: "Global",
            });
            const orders = new EntraPostgres("orders", {
                ...smallest,
                resourceGroupName,
                access: [...access],
                network: {
                    mode: "VirtualNetworkIntegration",
                    virtualNetwork: { id: virtualNetwork.id },
                    delegatedSubnet: { addressPrefix: "10.0.4.0/28" },
                    privateDnsZone: { id: zone.id },
                },
            });
            return { host: orders.host };
        });
        await expect(deployment.up(program)).rejects.toThrow();
        expect(deployment.errors.join("\n")).toContain("could not translate host name");
    }, 60_000);
});
