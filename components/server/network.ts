import type * as pulumi from "@pulumi/pulumi";
import { type Fault, plain } from "../faults";

/** The server has a public endpoint, which firewall rules or private endpoints open. */
export interface PublicNetwork {
    /** `PublicAccess`: a public endpoint. */
    mode: "PublicAccess";
    /**
     * `Disabled` leaves private endpoints as the only way in.
     * @default "Enabled"
     */
    publicNetworkAccess?: "Enabled" | "Disabled";
}

/** The server lives in a delegated subnet and has no public endpoint. */
export interface DelegatedSubnetNetwork {
    /** `VirtualNetworkIntegration`: in a delegated subnet. */
    mode: "VirtualNetworkIntegration";
    /** The ARM id of a subnet delegated to `Microsoft.DBforPostgreSQL/flexibleServers`. */
    delegatedSubnetId: pulumi.Input<string>;
    /** The ARM id of the private DNS zone in which the server's name is written. */
    privateDnsZoneId: pulumi.Input<string>;
}

/**
 * How the server is reached. Fixed when the server is created: a change is refused because it would need another server.
 * Source: "Networking overview for Azure Database for PostgreSQL".
 */
export type ServerNetwork = PublicNetwork | DelegatedSubnetNetwork;

const subnetId =
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i;
const zoneId =
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/privateDnsZones\/[^/]+$/i;

export function validateServerNetwork(network: ServerNetwork): Fault[] {
    if (network.mode === "PublicAccess") {
        const access: string | undefined = network.publicNetworkAccess;
        const subnet = (network as { delegatedSubnetId?: pulumi.Input<string> }).delegatedSubnetId;
        return [
            ...(access === undefined || access === "Enabled" || access === "Disabled"
                ? []
                : [
                      {
                          field: "publicNetworkAccess",
                          given: access,
                          allowed: "Enabled, Disabled",
                          fix: "Leave it out for Enabled.",
                      },
                  ]),
            ...(subnet === undefined
                ? []
                : [
                      {
                          field: "delegatedSubnetId",
                          given: plain(subnet) ?? "a subnet",
                          allowed: "nothing with mode PublicAccess",
                          fix: "Choose one: public access, or mode VirtualNetworkIntegration.",
                      },
                  ]),
        ];
    }
    const mode: string = network.mode;
    if (mode !== "VirtualNetworkIntegration") {
        return [
            {
                field: "mode",
                given: mode,
                allowed: "PublicAccess, VirtualNetworkIntegration",
                fix: "A private endpoint goes with PublicAccess.",
            },
        ];
    }
    const faults: Fault[] = [];
    const check = (field: "delegatedSubnetId" | "privateDnsZoneId", shape: RegExp, what: string): void => {
        const given = (network as Partial<DelegatedSubnetNetwork>)[field];
        if (given === undefined || (plain(given) !== undefined && !shape.test(plain(given) ?? ""))) {
            faults.push({
                field,
                given: given === undefined ? undefined : plain(given),
                allowed: `the ARM id of ${what}`,
                // Azure answers one without the other with a misleading error about PublicNetworkAccess.
                fix: "Virtual network integration needs both the delegated subnet and the private DNS zone.",
            });
        }
    };
    check("delegatedSubnetId", subnetId, "a subnet");
    check("privateDnsZoneId", zoneId, "a private DNS zone");
    return faults;
}

/** The server's `network`. */
export function networkProperties(network: ServerNetwork) {
    if (network.mode === "PublicAccess") return { publicNetworkAccess: network.publicNetworkAccess ?? "Enabled" };
    return {
        delegatedSubnetResourceId: network.delegatedSubnetId,
        privateDnsZoneArmResourceId: network.privateDnsZoneId,
        publicNetworkAccess: "Disabled",
    };
}
