import * as pulumi from "@pulumi/pulumi";
import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint";
import { type Fault, plain, refuse, within } from "../faults";
import type { ServerReference } from "../server/flexible-server";
import type { PublicNetwork, ServerNetwork } from "../server/network";
import { validateArmId } from "./arm-id";
import { type PrivateDnsZone, createPrivateDns, validatePrivateDnsZone } from "./private-dns";
import { privateLinkZoneName } from "./zones";

/** The part of a server that a private endpoint leads to. */
const groupId = "postgresqlServer";

/** A way into a server with a public endpoint that stays within a virtual network. */
export interface PrivateEndpointSettings {
    /**
     * The subnet that the endpoint takes an address from: not a delegated one. Security rules and routes of this subnet don't
     * concern the server's own traffic, so Entra needs none.
     */
    subnet: {
        /** Its ARM id. */
        id: pulumi.Input<string>;
    };
    /**
     * Whether the public endpoint stays open beside the private one, within its firewall rules.
     * @default "Disabled"
     */
    publicNetworkAccess?: "Enabled" | "Disabled";
    /**
     * The zone `privatelink.postgres.database.azure.com` (in the public cloud), which clients' virtual networks must be linked
     * with.
     * @default - a new one, linked with nothing: name the clients' networks in `links`
     */
    privateDnsZone?: PrivateDnsZone;
}

/** A private endpoint of a server. */
export type PrivateEndpointAccessArgs = PrivateEndpointSettings & {
    /** The server, whose network mode must be PublicAccess. */
    server: ServerReference & {
        /** The server's ARM id. */
        serverId: pulumi.Input<string>;
        /** The server's network mode, if it is known. */
        networkMode?: ServerNetwork["mode"];
    };
    /**
     * The resource group of the endpoint and of a zone that is made here.
     * @default - the server's
     */
    resourceGroupName?: pulumi.Input<string>;
    /**
     * The region of the endpoint, which must be its virtual network's.
     * @default - the resource group's
     */
    location?: pulumi.Input<string>;
};

/** The `network` of a server that gets a private endpoint. */
export function privateEndpointNetwork({ publicNetworkAccess }: PrivateEndpointSettings): PublicNetwork {
    return { mode: "PublicAccess", publicNetworkAccess: publicNetworkAccess ?? "Disabled" };
}

/** Checks the settings without registering anything. */
export function validatePrivateEndpoint(settings: PrivateEndpointSettings, cloud?: ServerReference["cloud"]): Fault[] {
    const faults: Fault[] = [];
    const subnetId = plain(settings.subnet.id);
    if (subnetId !== undefined) {
        faults.push(...validateArmId("subnet.id", subnetId, "Microsoft.Network/virtualNetworks/subnets"));
    }
    const access: string | undefined = settings.publicNetworkAccess;
    if (access !== undefined && access !== "Enabled" && access !== "Disabled") {
        faults.push({
            field: "publicNetworkAccess",
            given: access,
            allowed: "Enabled, Disabled",
            fix: "Leave it out for Disabled.",
        });
    }
    return [
        ...faults,
        ...within(
            "privateDnsZone",
            validatePrivateDnsZone(settings.privateDnsZone ?? {}, { purpose: "PrivateEndpoint", cloud }),
        ),
    ];
}

/** Checks the component's arguments without registering anything. */
export function validatePrivateEndpointAccess(args: PrivateEndpointAccessArgs): Fault[] {
    const faults = validatePrivateEndpoint(args, args.server.cloud);
    const serverId = plain(args.server.serverId);
    if (serverId !== undefined) {
        faults.push(...validateArmId("server.serverId", serverId, "Microsoft.DBforPostgreSQL/flexibleServers"));
    }
    if (args.server.networkMode === "VirtualNetworkIntegration") {
        faults.push({
            field: "server",
            given: "a server in a delegated subnet",
            allowed: "a server with mode PublicAccess",
            fix: "Clients reach it through its virtual network already; it can't have private endpoints. To move, see `az postgres flexible-server migrate-network`.",
        });
    }
    return faults;
}

/**
 * A private endpoint of a server, with the zone in which clients find it. The zone and its links come first. Say in
 * `opts.dependsOn` what else the server is busy with: it takes one operation at a time, and an endpoint is one.
 *
 * A private endpoint outlives its server in Azure, so it isn't left to the server's deletion.
 *
 * Source: "Azure Database for PostgreSQL networking with Private Link".
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class PrivateEndpointAccess extends pulumi.ComponentResource {
    /** The endpoint's ARM id. */
    readonly privateEndpointId: pulumi.Output<string>;
    /** The private DNS zone's ARM id. */
    readonly privateDnsZoneId: pulumi.Output<string>;

    constructor(name: string, args: PrivateEndpointAccessArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("PrivateEndpointAccess", name, validatePrivateEndpointAccess(args));
        super("entra-postgres:index:PrivateEndpointAccess", name, {}, opts);

        const { server, subnet } = args;
        const zone = args.privateDnsZone ?? {};
        const resourceGroupName = args.resourceGroupName ?? server.resourceGroupName;
        const dns = createPrivateDns(
            "PrivateEndpointAccess",
            name,
            {
                zone,
                use: { purpose: "PrivateEndpoint", cloud: server.cloud },
                defaultName: privateLinkZoneName(server.cloud),
                resourceGroupName,
                links: zone.links ?? {},
            },
            this,
        );
        const endpoint = new PrivateEndpoint(
            name,
            {
                resourceGroupName,
                ...(args.location !== undefined && { location: args.location }),
                subnet: { id: subnet.id },
                privateLinkServiceConnections: [
                    { name: server.serverName, privateLinkServiceId: server.serverId, groupIds: [groupId] },
                ],
            },
            {
                parent: this,
                dependsOn: dns.resources,
                ...(server.retryWhileBusy && { hooks: { onError: [server.retryWhileBusy] } }),
            },
        );
        const group = new PrivateDnsZoneGroup(
            name,
            {
                resourceGroupName,
                privateEndpointName: endpoint.name,
                privateDnsZoneGroupName: "default",
                privateDnsZoneConfigs: [
                    {
                        name: privateLinkZoneName(server.cloud).replaceAll(".", "-"),
                        privateDnsZoneId: dns.zoneId,
                    },
                ],
            },
            { parent: this },
        );
        this.privateEndpointId = group.id.apply(() => endpoint.id);
        this.privateDnsZoneId = dns.zoneId;
        this.registerOutputs({
            privateEndpointId: this.privateEndpointId,
            privateDnsZoneId: this.privateDnsZoneId,
        });
    }
}
