import { type Cloud, clouds } from "../clouds";
import type { Fault } from "../faults";

/** What a private DNS zone is for: each way into a server wants another name. */
export type ZonePurpose = "VirtualNetworkIntegration" | "PrivateEndpoint";

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * A zone's name for servers in delegated subnets, such as `orders.private.postgres.database.azure.com`. The label in the
 * middle keeps it from being the name of a server.
 */
export function delegatedZoneName(name: string, cloud: Cloud = "Public"): string {
    const stem = name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 63)
        .replace(/-+$/, "");
    return `${stem === "" ? "postgresql" : stem}.private.${clouds[cloud].hostSuffix}`;
}

/** The one name that the zone of private endpoints can have. */
export function privateLinkZoneName(cloud: Cloud = "Public"): string {
    return clouds[cloud].privateLinkZone;
}

/**
 * Checks a zone's name, which the service refuses only when the server is made, as `PrivateDnsZoneNameNotValid`.
 * Sources: "Network with private access (virtual network integration) for Azure Database for PostgreSQL", "Azure private
 * endpoint private DNS zone values".
 */
export function validateZoneName(
    field: string,
    zone: string,
    purpose: ZonePurpose,
    cloud: Cloud = "Public",
    serverName?: string,
): Fault[] {
    const name = zone.toLowerCase().replace(/\.$/, "");
    const { hostSuffix, privateLinkZone } = clouds[cloud];
    if (purpose === "PrivateEndpoint") {
        if (name === privateLinkZone) return [];
        return [
            { field, given: zone, allowed: privateLinkZone, fix: "Private endpoints are looked up in this zone only." },
        ];
    }
    const labels = name.endsWith(`.${hostSuffix}`) ? name.slice(0, -hostSuffix.length - 1).split(".") : [];
    if (
        name === privateLinkZone ||
        labels.length < 1 ||
        labels.length > 2 ||
        !labels.every((part) => label.test(part))
    ) {
        return [
            {
                field,
                given: zone,
                allowed: `[name].${hostSuffix} or [name].[name].${hostSuffix}`,
                fix: `Name it ${delegatedZoneName("orders", cloud)}, say; in this cloud the service refuses other names${
                    name === privateLinkZone ? ", and privatelink is for private endpoints" : ""
                }.`,
            },
        ];
    }
    if (labels.length === 1 && labels[0] === serverName?.toLowerCase()) {
        return [
            {
                field,
                given: zone,
                allowed: "a zone whose first label isn't the name of a server",
                fix: `Name it ${delegatedZoneName(labels[0] ?? "", cloud)}: the server's own name wouldn't resolve.`,
            },
        ];
    }
    return [];
}
