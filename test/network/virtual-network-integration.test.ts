import * as azure from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { InvalidArguments } from "../../components/faults";
import { VirtualNetworkIntegration } from "../../components/network/virtual-network-integration";
import {
    type VirtualNetworkIntegrationArgs,
    validateVirtualNetworkIntegration,
} from "../../components/network/virtual-network-plan";
import { type Recording, record, valueOf } from "../support/recording";
import { defaultRoute, failureOf, id, networkAnswers } from "./support";
import { denyOutbound } from "../support/security-rules";

const group = "azure-native:network:NetworkSecurityGroup";
const table = "azure-native:network:RouteTable";
const subnet = "azure-native:network:Subnet";
const zone = "azure-native:privatedns:PrivateZone";
const link = "azure-native:privatedns:VirtualNetworkLink";
const rule = "azure-native:network:SecurityRule";
const route = "azure-native:network:Route";

const newSubnet = {
    resourceGroupName: "orders",
    virtualNetwork: { id: id("virtualNetworks/spoke", "network") },
    delegatedSubnet: { addressPrefix: "10.0.4.0/28" },
} satisfies VirtualNetworkIntegrationArgs;

const existingSubnet = {
    ...newSubnet,
    delegatedSubnet: { id: id("virtualNetworks/spoke/subnets/postgresql", "network"), addressPrefix: "10.0.4.0/28" },
} satisfies VirtualNetworkIntegrationArgs;

function make(
    args: VirtualNetworkIntegrationArgs,
    answers = networkAnswers(),
): Promise<Recording<VirtualNetworkIntegration>> {
    return record(async () => {
        const made = new VirtualNetworkIntegration("orders", args);
        await valueOf(made.serverNetwork.delegatedSubnetId);
        return made;
    }, answers);
}

function failure(args: VirtualNetworkIntegrationArgs, answers = networkAnswers()): Promise<string> {
    return failureOf(() => new VirtualNetworkIntegration("orders", args), answers);
}

function faultyFields(args: VirtualNetworkIntegrationArgs): string[] {
    return validateVirtualNetworkIntegration("orders", args).map(({ field }) => field);
}

function destinations(resource: { inputs: Record<string, unknown> }): string[] {
    return (
        resource.inputs["securityRules"] as { direction: string; access: string; destinationAddressPrefix: string }[]
    )
        .filter(({ direction, access }) => direction === "Outbound" && access === "Allow")
        .map(({ destinationAddressPrefix }) => destinationAddressPrefix);
}

describe("VirtualNetworkIntegration with a subnet of its own", () => {
    it("makes what no other module makes: the rules by which the server reaches Entra", async () => {
        const recording = await make(newSubnet);
        expect(destinations(recording.one(group)).sort()).toEqual(["10.0.4.0/28", "AzureActiveDirectory", "Storage"]);
        expect(recording.ofType(rule)).toEqual([]);
        expect(recording.ofType(table)).toEqual([]);
    });

    it("delegates the subnet and attaches the group to it", async () => {
        const recording = await make(newSubnet);
        expect(recording.one(subnet).inputs).toMatchObject({
            resourceGroupName: "network",
            virtualNetworkName: "spoke",
            subnetName: "orders",
            addressPrefix: "10.0.4.0/28",
            delegations: [{ serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
            networkSecurityGroup: { id: "orders-id" },
            serviceEndpoints: [{ service: "Microsoft.Storage" }],
        });
    });

    it("links the zone with the virtual network and with others, and has the server wait for it", async () => {
        const hub = id("virtualNetworks/hub", "hub");
        const recording = await make({ ...newSubnet, privateDnsZone: { links: { hub } } });
        expect(recording.one(zone).inputs).toMatchObject({
            privateZoneName: "orders.private.postgres.database.azure.com",
            location: "Global",
        });
        const links = recording.ofType(link).map(({ inputs }) => (inputs["virtualNetwork"] as { id: string }).id);
        expect(links).toEqual([newSubnet.virtualNetwork.id, hub]);
        const { dependsOn } = recording.result.serverNetwork;
        const urns = await Promise.all(dependsOn.map((resource) => valueOf(resource.urn)));
        for (const type of [zone, link, subnet])
            expect(urns.filter((urn) => urn.includes(`$${type}::`))).not.toEqual([]);
    });

    it("is what FlexibleServer takes as its network", async () => {
        const { serverNetwork } = (await make(newSubnet)).result;
        expect(serverNetwork.mode).toBe("VirtualNetworkIntegration");
        expect(await valueOf(serverNetwork.delegatedSubnetId)).toBe("orders-id");
        expect(await valueOf(serverNetwork.privateDnsZoneId)).toBe("orders-id");
    });

    it("adds the way to Entra to a route table with a default route to a firewall", async () => {
        const recording = await make({ ...newSubnet, routeTable: { routes: [defaultRoute] } });
        const routes = recording.one(table).inputs["routes"] as { addressPrefix: string; nextHopType: string }[];
        expect(routes.map(({ addressPrefix, nextHopType }) => [addressPrefix, nextHopType])).toEqual([
            ["0.0.0.0/0", "VirtualAppliance"],
            ["AzureActiveDirectory", "Internet"],
            ["10.0.4.0/28", "VnetLocal"],
        ]);
        expect(recording.one(subnet).inputs["routeTable"]).toEqual({ id: "orders-id" });
        expect((await valueOf(recording.result.analysis)).entra).toMatchObject({
            reachable: true,
            decidingRoute: { name: "entra-postgres-entra" },
        });
    });

    it("keeps every child under itself", async () => {
        const recording = await make({ ...newSubnet, routeTable: { routes: [defaultRoute] } });
        const component = recording.one("entra-postgres:index:VirtualNetworkIntegration");
        for (const type of [group, table, subnet, zone, link]) {
            for (const child of recording.ofType(type)) expect(child.parent).toBe(component.urn);
        }
    });

    it("doesn't trip over values that a preview doesn't know", async () => {
        const recording = await record(
            () => new VirtualNetworkIntegration("orders", { ...newSubnet, routeTable: { routes: [defaultRoute] } }),
            { ...networkAnswers(), preview: true },
        );
        expect(recording.one(subnet).inputs["addressPrefix"]).toBe("10.0.4.0/28");
    });

    it("judges rules with outputs in them as soon as they are known", async () => {
        const denial = {
            name: "lockdown",
            priority: 200,
            direction: "Outbound",
            access: "Deny",
            protocol: "*",
            sourceAddressPrefix: "*",
            sourcePortRange: "*",
            destinationAddressPrefix: pulumi.output("*"),
            destinationPortRange: "*",
        };
        const args = { ...newSubnet, networkSecurityGroup: { securityRules: [denial] } };
        expect(faultyFields(args)).toEqual([]);
        expect(await failure(args)).toContain("rule lockdown (200, Outbound, Deny)");
    });
});

describe("VirtualNetworkIntegration in a group and table of others", () => {
    const attached = {
        ...newSubnet,
        networkSecurityGroup: { id: id("networkSecurityGroups/team", "network") },
        routeTable: { id: id("routeTables/team", "network") },
    };

    it("adds rules and routes one after another, and the subnet after them", async () => {
        const recording = await make(attached);
        const rules = recording.ofType(rule);
        expect(rules.map(({ inputs }) => inputs["destinationAddressPrefix"])).toContain("AzureActiveDirectory");
        expect(rules.every(({ inputs }) => inputs["networkSecurityGroupName"] === "team")).toBe(true);
        const chain = [...rules, ...recording.ofType(route)];
        chain.slice(1).forEach((resource, index) => {
            expect(resource.dependsOn).toContain(chain[index]?.urn);
        });
        expect(recording.one(subnet).dependsOn).toEqual(expect.arrayContaining(chain.map(({ urn }) => urn)));
        expect(recording.ofType(group)).toEqual([]);
        expect(recording.ofType(table)).toEqual([]);
    });

    it("refuses a group that denies before this package's priorities, and names the rule", async () => {
        const answers = networkAnswers({
            securityRules: [denyOutbound("lockdown", 500)],
        });
        expect(await failure(attached, answers)).toContain("rule lockdown (500, Outbound, Deny)");
    });
});

describe("VirtualNetworkIntegration with a subnet that exists", () => {
    it("makes nothing in the network, and takes the subnet as it is", async () => {
        const recording = await make(existingSubnet);
        for (const type of [group, table, subnet, rule, route]) expect(recording.ofType(type)).toEqual([]);
        expect(await valueOf(recording.result.delegatedSubnetId)).toBe(existingSubnet.delegatedSubnet.id);
    });

    it("takes a central zone in another subscription, and links only what is asked for", async () => {
        const central = { id: id("privateDnsZones/shared.postgres.database.azure.com", "dns", "central") };
        const none = await make({ ...existingSubnet, privateDnsZone: central });
        expect(none.ofType(zone)).toEqual([]);
        expect(none.ofType(link)).toEqual([]);
        expect(await valueOf(none.result.privateDnsZoneId)).toBe(central.id);

        const linked = await record(() => {
            const provider = new azure.Provider("central", { subscriptionId: "central" });
            return new VirtualNetworkIntegration("orders", {
                ...existingSubnet,
                privateDnsZone: { ...central, provider, links: { spoke: existingSubnet.virtualNetwork.id } },
            });
        }, networkAnswers());
        const made = linked.one(link);
        expect(made.inputs).toMatchObject({
            resourceGroupName: "dns",
            privateZoneName: "shared.postgres.database.azure.com",
        });
        expect(made.provider).toContain("::central::");
    });

    it("refuses a subnet from which Entra isn't reached, and names the route", async () => {
        const answers = networkAnswers({ routes: [defaultRoute] });
        const message = await failure(existingSubnet, answers);
        expect(message).toContain("route to-firewall (0.0.0.0/0 to VirtualAppliance 10.0.1.4)");
        expect(message).toContain("Microsoft Entra over HTTPS");
    });

    it("adds the missing route when the table is named", async () => {
        const answers = networkAnswers({ routes: [defaultRoute] });
        const routeTable = { id: id("routeTables/team", "network") };
        expect(await failure({ ...existingSubnet, routeTable }, answers)).toBe("");
    });

    it("sees the table attached to the subnet when only its group is named", async () => {
        const networkSecurityGroup = { id: id("networkSecurityGroups/team", "network") };
        const forced = networkAnswers({ routes: [defaultRoute] });
        expect(await failure({ ...existingSubnet, networkSecurityGroup }, forced)).toContain("route to-firewall");
        const past = { name: "entra", addressPrefix: "AzureActiveDirectory", nextHopType: "Internet" };
        const open = networkAnswers({ routes: [defaultRoute, past] });
        expect(await failure({ ...existingSubnet, networkSecurityGroup }, open)).toBe("");
    });

    it("leaves a default route announced by BGP to the table that is attached to the subnet", async () => {
        const networkSecurityGroup = { id: id("networkSecurityGroups/team", "network") };
        const args = { ...existingSubnet, networkSecurityGroup, gatewayPrefixes: ["0.0.0.0/0"] };
        const past = { name: "entra", addressPrefix: "AzureActiveDirectory", nextHopType: "Internet" };
        expect(await failure(args, networkAnswers({ routes: [past] }))).toBe("");
        expect(await failure(args, networkAnswers())).toContain("route learned by BGP");
    });

    it("reads nothing when it isn't allowed to", async () => {
        const recording = await make({ ...existingSubnet, readExisting: false });
        expect(recording.invokes).toEqual([]);
    });

    it("refuses to attach a new group or table to it", () => {
        const args = {
            ...existingSubnet,
            routeTable: { routes: [defaultRoute] },
        } as unknown as VirtualNetworkIntegrationArgs;
        expect(faultyFields(args)).toEqual(["networkSecurityGroup"]);
    });
});

describe("known faults of other modules, refused here", () => {
    it("a subnet without the delegation", async () => {
        const answers = networkAnswers({ subnet: { delegations: [] } });
        expect(await failure(existingSubnet, answers)).toContain("a subnet without a delegation");
    });

    it("a subnet delegated to another service", async () => {
        const answers = networkAnswers({ subnet: { delegations: [{ serviceName: "Microsoft.Web/serverFarms" }] } });
        expect(await failure(existingSubnet, answers)).toContain("delegated to Microsoft.Web/serverFarms");
    });

    it("a subnet that private endpoints share", async () => {
        const answers = networkAnswers({ subnet: { privateEndpoints: [{ id: "endpoint" }] } });
        expect(await failure(existingSubnet, answers)).toContain("shared with private endpoints");
    });

    it("a subnet's block that isn't the one given", async () => {
        const answers = networkAnswers({ subnet: { addressPrefix: "10.0.5.0/28" } });
        expect(await failure(existingSubnet, answers)).toContain("delegatedSubnet.addressPrefix");
    });

    it("a subnet smaller than /28", () => {
        expect(faultyFields({ ...newSubnet, delegatedSubnet: { addressPrefix: "10.0.4.0/29" } })).toEqual([
            "delegatedSubnet.addressPrefix",
        ]);
    });

    it("a subnet outside its virtual network", () => {
        expect(faultyFields({ ...newSubnet, addressSpace: ["10.9.0.0/16"] })).toEqual([
            "delegatedSubnet.addressPrefix",
        ]);
    });

    it("a reserved subnet name", () => {
        expect(
            faultyFields({ ...newSubnet, delegatedSubnet: { addressPrefix: "10.0.4.0/28", name: "gatewaysubnet" } }),
        ).toEqual(["delegatedSubnet.name"]);
    });

    it("a zone with the wrong suffix, or with the server's own name", () => {
        const withZone = (name: string): string[] =>
            faultyFields({ ...newSubnet, serverName: "orders-db", privateDnsZone: { name } });
        expect(withZone("orders.private.postgresql.database.azure.com")).toEqual(["privateDnsZone.name"]);
        expect(withZone("orders-db.postgres.database.azure.com")).toEqual(["privateDnsZone.name"]);
        expect(withZone("privatelink.postgres.database.azure.com")).toEqual(["privateDnsZone.name"]);
    });

    it("an id of something else", () => {
        expect(faultyFields({ ...newSubnet, virtualNetwork: { id: "spoke" } })).toEqual(["virtualNetwork.id"]);
        expect(faultyFields({ ...newSubnet, privateDnsZone: { id: newSubnet.virtualNetwork.id } })).toEqual([
            "privateDnsZone.id",
        ]);
    });

    it("a default route announced by BGP, with no way past it", () => {
        expect(faultyFields({ ...newSubnet, gatewayPrefixes: ["0.0.0.0/0"] })).toContain("routeTable");
        expect(faultyFields({ ...newSubnet, gatewayPrefixes: ["0.0.0.0/0"], routeTable: { routes: [] } })).toEqual([]);
    });

    it("a rule of one's own that denies Entra", () => {
        const securityRules = [
            {
                name: "no-internet",
                priority: 300,
                direction: "Outbound",
                access: "Deny",
                protocol: "*",
                sourceAddressPrefix: "*",
                sourcePortRange: "*",
                destinationAddressPrefix: "Internet",
                destinationPortRange: "*",
            },
        ];
        const faults = validateVirtualNetworkIntegration("orders", {
            ...newSubnet,
            networkSecurityGroup: { securityRules },
        });
        expect(faults[0]?.given).toContain("rule no-internet (300, Outbound, Deny)");
        const later = securityRules.map((each) => ({ ...each, priority: 3000 }));
        expect(faultyFields({ ...newSubnet, networkSecurityGroup: { securityRules: later } })).toEqual([]);
    });

    it("everything at once, before anything is registered", async () => {
        const recording = await record(() => {
            expect(
                () =>
                    new VirtualNetworkIntegration("orders", {
                        ...newSubnet,
                        virtualNetwork: { id: "spoke" },
                        delegatedSubnet: { addressPrefix: "10.0.4.0/30" },
                        clients: { app: "everything" },
                        privateDnsZone: { name: "orders.example.com" },
                    }),
            ).toThrow(InvalidArguments);
        });
        expect(recording.resources).toEqual([]);
    });
});
