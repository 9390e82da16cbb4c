/** Changes whose previews are recorded from the real engine, in `<name>.json`, with the comment each gives, in `<name>.md`. */
import * as network from "@pulumi/azure-native/network";
import {
    type Access,
    type EntraAdministrator,
    EntraPostgres,
    type EntraPostgresArgs,
    EntraPrincipal,
} from "../../../index";
import { alice, awkward, bob, dana, guest, obrien, readers, writers } from "../../../local/directory/contoso";
import { type Program, inGroup, smallest, spokeNetwork } from "../../support/deployment";

export interface Scenario {
    name: string;
    /** Whether unchanged resources are in the preview. @default false */
    showSames?: boolean;
    program: Program;
}

/** Scenarios that begin from one deployment. */
export interface Beginning {
    /** @default - nothing is there */
    deployed?: Program;
    scenarios: Scenario[];
}

const password = {
    mode: "EntraAndPassword",
    administratorLogin: "keeper",
    administratorPassword: "Not-to-be-seen-1",
} as const;

const administrators: EntraAdministrator[] = [
    { type: "Group", name: "Prod DB Admins" },
    { type: "User", name: dana.userPrincipalName },
];

const reads: Access = {
    principal: { type: "Group", name: readers.displayName },
    database: "orders",
    profile: "Reader",
};
const writes: Access[] = ["orders", "billing"].map((database) => ({
    principal: { type: "Group", name: writers.displayName },
    database,
    profile: "Writer",
}));

const thisMachine = { name: "this-machine", cidr: "127.0.0.1/32" };
const office = { name: "office", cidr: "203.0.113.0/28" };

const whole = {
    ...smallest,
    authentication: password,
    administrators,
    network: { mode: "PublicAccess", firewallRules: [thisMachine, office] },
    databases: [{ name: "orders" }, { name: "billing" }],
    access: [reads, ...writes],
} satisfies Omit<EntraPostgresArgs, "resourceGroupName">;

/** The whole server with changes, and a principal beside it. */
function orders(changes: Partial<EntraPostgresArgs> = {}, reports = "reports"): Program {
    return inGroup((resourceGroupName) => {
        const { server } = new EntraPostgres("orders", { ...whole, resourceGroupName, ...changes });
        new EntraPrincipal(
            "reports",
            {
                serverName: server.serverName,
                name: reports,
                type: "User",
                objectId: alice.objectId,
                signInAs: "Prod DB Admins",
            },
            { dependsOn: [server], deletedWith: server.server },
        );
        return {};
    });
}

/** Names that try to get out of where they are put. */
const hostile = [
    { type: "User", objectId: bob.objectId, name: "</summary></details><img src=x onerror=alert(1)>" },
    { type: "User", objectId: guest.objectId, name: "@octocat #1 [x](https://example.com) **b** |a|b|" },
    { type: "User", objectId: obrien.objectId, name: "```\n- [ ] `x` -->\u202egnp.exe\n# h <!-- " },
] as const;

function withEndpoint(publicNetworkAccess: "Enabled" | "Disabled"): Program {
    return inGroup((resourceGroupName) => {
        const { spoke, endpoints } = spokeNetwork(resourceGroupName);
        new EntraPostgres("orders", {
            ...smallest,
            resourceGroupName,
            network: {
                mode: "PrivateEndpoint",
                subnet: { id: endpoints.id },
                publicNetworkAccess,
                privateDnsZone: { links: { spoke: spoke.id } },
                ...(publicNetworkAccess === "Enabled" && { firewallRules: [office] }),
            },
        });
        return {};
    });
}

/** A delegated subnet whose security group another team keeps. */
function delegated(...rules: { name: string; priority: number; access: "Allow" | "Deny"; to: string }[]): Program {
    return inGroup((resourceGroupName) => {
        const group = new network.NetworkSecurityGroup("database", {
            resourceGroupName,
            networkSecurityGroupName: "database",
            securityRules: rules.map(({ name, priority, access, to }) => ({
                name,
                priority,
                access,
                direction: "Outbound",
                protocol: "*",
                sourceAddressPrefix: "*",
                sourcePortRange: "*",
                destinationAddressPrefix: to,
                destinationPortRange: "*",
            })),
        });
        const spoke = new network.VirtualNetwork(
            "spoke",
            { resourceGroupName, virtualNetworkName: "spoke", addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
            { ignoreChanges: ["subnets"] },
        );
        new network.Subnet("database", {
            resourceGroupName,
            virtualNetworkName: spoke.name,
            subnetName: "database",
            addressPrefix: "10.0.4.0/28",
            networkSecurityGroup: { id: group.id },
            delegations: [{ name: "db", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
        });
        return {};
    });
}

const toEntra = { name: "to-entra", priority: 100, access: "Allow", to: "AzureActiveDirectory" } as const;
const toStorage = { name: "to-storage", priority: 110, access: "Allow", to: "Storage" } as const;
const toInternet = { name: "deny-internet", priority: 200, access: "Deny", to: "Internet" } as const;

const sku = (name: "Standard_D2ds_v5" | "Standard_D4ds_v5") => ({ tier: "GeneralPurpose", name }) as const;
const server = smallest.server;

export const beginnings: Beginning[] = [
    { scenarios: [{ name: "first-create", program: orders() }] },
    {
        deployed: orders(),
        scenarios: [
            { name: "nothing-changes", program: orders() },
            { name: "sku-resized", program: orders({ server: { ...server, sku: sku("Standard_D4ds_v5") } }) },
            {
                name: "storage-grown",
                program: orders({ server: { ...server, sku: sku("Standard_D2ds_v5"), storage: { sizeGB: 128 } } }),
            },
            { name: "passwords-switched-off", program: orders({ authentication: { mode: "EntraOnly" } }) },
            {
                name: "administrator-added",
                program: orders({ administrators: [...administrators, { type: "User", name: bob.userPrincipalName }] }),
            },
            { name: "administrator-removed", program: orders({ administrators: administrators.slice(0, 1) }) },
            {
                name: "access-gained",
                program: orders({
                    access: [
                        { ...reads, profile: "Writer" },
                        ...writes,
                        {
                            principal: { type: "User", name: bob.userPrincipalName },
                            database: "billing",
                            profile: "Owner",
                        },
                    ],
                }),
            },
            { name: "access-lost", program: orders({ access: writes }) },
            {
                name: "firewall-widened",
                program: orders({
                    network: { ...whole.network, firewallRules: [thisMachine, { ...office, cidr: "203.0.113.0/24" }] },
                }),
            },
            {
                name: "open-to-azure",
                program: orders({
                    network: { ...whole.network, allowAllAzureServices: true, firewallRules: [thisMachine] },
                }),
            },
            {
                name: "database-deleted",
                program: orders({ databases: [{ name: "orders" }], access: [reads, ...writes.slice(0, 1)] }),
            },
            {
                name: "server-replaced",
                showSames: true,
                program: orders({
                    server: { ...server, allowReplacement: true },
                    authentication: { ...password, administratorLogin: "captain" },
                }),
            },
            {
                name: "secret-changed",
                program: orders({ authentication: { ...password, administratorPassword: "Nor-to-be-seen-2" } }),
            },
            { name: "group-sync-on", program: orders({ groupSync: true }) },
            { name: "principal-renamed", program: orders({}, "Reports (monthly)") },
            {
                name: "hostile-names",
                program: orders({
                    access: [
                        reads,
                        ...writes,
                        ...hostile.map((principal) => ({ principal, database: "orders", profile: "Reader" }) as const),
                    ],
                }),
            },
            {
                name: "many-changes",
                program: orders({
                    server: { ...server, sku: sku("Standard_D4ds_v5") },
                    authentication: { mode: "EntraOnly" },
                    administrators: [...administrators, { type: "User", name: bob.userPrincipalName }],
                    network: { ...whole.network, firewallRules: [thisMachine, { ...office, cidr: "203.0.113.0/24" }] },
                    databases: [{ name: "orders" }],
                    access: [reads, { ...reads, principal: { type: "Group", name: awkward.displayName } }],
                }),
            },
            { name: "preview-failed", program: orders({ server: { ...server, version: "16" } }) },
        ],
    },
    {
        deployed: withEndpoint("Disabled"),
        scenarios: [{ name: "public-access-on", program: withEndpoint("Enabled") }],
    },
    {
        deployed: delegated(toEntra, toStorage, toInternet),
        scenarios: [{ name: "entra-cut-off", showSames: true, program: delegated(toStorage, toInternet) }],
    },
];
