/** The resource types that the emulation knows: how azure-native calls them, where they live, what replaces them. */

export interface Kind {
    /** azure-native's token without the package: `dbforpostgresql:Server`. */
    token: string;
    /** Resource Manager's type: `Microsoft.DBforPostgreSQL/flexibleServers`. */
    armType: string;
    /** The inputs that make up the id, outermost first, the resource's own name last. */
    names: readonly string[];
    /** The id of a resource with these inputs. */
    id(inputs: Record<string, unknown>, subscriptionId: string): string;
    /** Inputs whose change replaces the resource: names, and what azure-native finds in the service's description. */
    replaceOn: readonly string[];
    /** azure-native fills in the name from the logical name. */
    autoNamed: boolean;
    /** Whether the resource has a location of its own, by default the resource group's. */
    located: boolean;
}

function kind(
    token: string,
    provider: string,
    path: readonly (readonly [segment: string, input: string])[],
    options: { replaceOn?: string[]; autoNamed?: boolean; located?: boolean } = {},
): Kind {
    const names = path.map(([, input]) => input);
    return {
        token,
        armType: `${provider}/${path.map(([segment]) => segment).join("/")}`,
        names,
        id: (inputs, subscriptionId) =>
            [
                `/subscriptions/${subscriptionId}/resourceGroups/${text(inputs["resourceGroupName"])}/providers/${provider}`,
                ...path.map(([segment, input]) => `${segment}/${text(inputs[input])}`),
            ].join("/"),
        replaceOn: [
            "resourceGroupName",
            ...names,
            ...(options.located === true ? ["location"] : []),
            ...(options.replaceOn ?? []),
        ],
        autoNamed: options.autoNamed ?? true,
        located: options.located ?? false,
    };
}

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}

const server = ["flexibleServers", "serverName"] as const;
const virtualNetwork = ["virtualNetworks", "virtualNetworkName"] as const;
const securityGroup = ["networkSecurityGroups", "networkSecurityGroupName"] as const;
const routeTable = ["routeTables", "routeTableName"] as const;
const privateEndpoint = ["privateEndpoints", "privateEndpointName"] as const;
const privateZone = ["privateDnsZones", "privateZoneName"] as const;

const postgresql = "Microsoft.DBforPostgreSQL";
const network = "Microsoft.Network";

const list: Kind[] = [
    {
        token: "resources:ResourceGroup",
        armType: "Microsoft.Resources/resourceGroups",
        names: ["resourceGroupName"],
        id: (inputs, subscriptionId) =>
            `/subscriptions/${subscriptionId}/resourceGroups/${text(inputs["resourceGroupName"])}`,
        replaceOn: ["resourceGroupName", "location"],
        autoNamed: true,
        located: true,
    },
    kind("dbforpostgresql:Server", postgresql, [server], {
        located: true,
        replaceOn: ["administratorLogin", "availabilityZone", "sourceServerResourceId", "pointInTimeUTC"],
    }),
    kind("dbforpostgresql:AdministratorsMicrosoftEntra", postgresql, [server, ["administrators", "objectId"]]),
    kind("dbforpostgresql:Configuration", postgresql, [server, ["configurations", "configurationName"]]),
    kind("dbforpostgresql:Database", postgresql, [server, ["databases", "databaseName"]]),
    kind("dbforpostgresql:FirewallRule", postgresql, [server, ["firewallRules", "firewallRuleName"]]),
    kind("dbforpostgresql:VirtualEndpoint", postgresql, [server, ["virtualendpoints", "virtualEndpointName"]]),
    kind("network:VirtualNetwork", network, [virtualNetwork], { located: true }),
    kind("network:Subnet", network, [virtualNetwork, ["subnets", "subnetName"]]),
    kind("network:VirtualNetworkPeering", network, [
        virtualNetwork,
        ["virtualNetworkPeerings", "virtualNetworkPeeringName"],
    ]),
    kind("network:NetworkSecurityGroup", network, [securityGroup], { located: true }),
    kind("network:SecurityRule", network, [securityGroup, ["securityRules", "securityRuleName"]]),
    kind("network:RouteTable", network, [routeTable], { located: true }),
    kind("network:Route", network, [routeTable, ["routes", "routeName"]]),
    kind("network:PrivateEndpoint", network, [privateEndpoint], { located: true, replaceOn: ["subnet"] }),
    kind("network:PrivateDnsZoneGroup", network, [
        privateEndpoint,
        ["privateDnsZoneGroups", "privateDnsZoneGroupName"],
    ]),
    kind("privatedns:PrivateZone", network, [privateZone]),
    kind("privatedns:VirtualNetworkLink", network, [privateZone, ["virtualNetworkLinks", "virtualNetworkLinkName"]]),
    kind(
        "managedidentity:UserAssignedIdentity",
        "Microsoft.ManagedIdentity",
        [["userAssignedIdentities", "resourceName"]],
        {
            located: true,
        },
    ),
    {
        token: "authorization:ManagementLockByScope",
        armType: "Microsoft.Authorization/locks",
        names: ["lockName"],
        id: (inputs) => `${text(inputs["scope"])}/providers/Microsoft.Authorization/locks/${text(inputs["lockName"])}`,
        replaceOn: ["scope", "lockName"],
        autoNamed: true,
        located: false,
    },
];

const byToken = new Map(list.map((each) => [each.token, each]));
const byType = new Map(list.map((each) => [each.armType.toLowerCase(), each]));

/** The kind of an azure-native type such as `azure-native:network:Subnet`. */
export function kindOfToken(type: string): Kind {
    const found = byToken.get(type.replace(/^azure-native:/, "").replace(/\/v\d+(preview)?:/, ":"));
    if (!found) {
        throw new Error(
            `The local emulation doesn't know ${type}. Known: ${[...byToken.keys()].join(", ")}. ` +
                "Leave the resource out for local runs.",
        );
    }
    return found;
}

/** The kind of a resource by its id. */
export function kindOfId(id: string): Kind | undefined {
    const [, provider, rest] = /.*\/providers\/([^/]+)\/(.+)$/i.exec(id) ?? [];
    if (provider === undefined || rest === undefined) return byType.get("microsoft.resources/resourcegroups");
    const segments = rest.split("/").filter((_, index) => index % 2 === 0);
    return byType.get(`${provider}/${segments.join("/")}`.toLowerCase());
}

/** The id of the resource that holds another: a server's of its database's. */
export function parentId(id: string): string {
    return id.split("/").slice(0, -2).join("/");
}

export function nameOfId(id: string): string {
    return id.split("/").at(-1) ?? "";
}
