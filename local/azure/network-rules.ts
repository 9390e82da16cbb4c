/** What the service asks of the network of a server in a delegated subnet, and what happens when it isn't so. */
import { analysisFromAzure } from "../../components/network/analysis/egress-analysis";
import { AzureError } from "./errors";
import { nameOfId, parentId } from "./kinds";
import type { Properties, Resource } from "./resource-manager";
import type { ServerProperties } from "./server-rules";

/** What exists, as far as networks are concerned. */
export interface Network {
    get(id: string): Resource | undefined;
    list(token: string, below?: string): Resource[];
}

const delegation = "Microsoft.DBforPostgreSQL/flexibleServers";
const hostSuffix = /\.postgres\.database\.(azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/;

/** Why a server can't be made in its subnet, or undefined. */
export function subnetRejection(
    network: Network,
    id: string,
    { network: wanted }: ServerProperties,
): AzureError | undefined {
    const subnetId = wanted?.delegatedSubnetResourceId;
    const zoneId = wanted?.privateDnsZoneArmResourceId;
    if (subnetId === undefined || zoneId === undefined) return undefined;
    const subnet = network.get(subnetId);
    if (!subnet) return new AzureError(404, "SubnetNotFound", `The subnet '${subnetId}' was not found.`);
    const delegations = list(subnet.properties["delegations"]).map(({ serviceName }) =>
        String(serviceName).toLowerCase(),
    );
    if (!delegations.includes(delegation.toLowerCase())) {
        return new AzureError(
            400,
            "InvalidSubnetDelegation",
            `The subnet '${subnetId}' is not delegated to '${delegation}'.`,
        );
    }
    const prefix = String(subnet.properties["addressPrefix"]);
    if (Number(prefix.split("/")[1]) > 28) {
        return new AzureError(400, "SubnetTooSmall", `The subnet '${prefix}' is too small: it must be /28 or larger.`);
    }
    const shared = network
        .list("network:PrivateEndpoint")
        .some(({ properties }) => sameId((properties["subnet"] as Properties | undefined)?.["id"], subnetId));
    if (shared) {
        return new AzureError(400, "SubnetInUse", `The subnet '${subnetId}' is used by resources of another service.`);
    }
    const zone = network.get(zoneId);
    if (!zone) return new AzureError(404, "PrivateDnsZoneNotFound", `The private DNS zone '${zoneId}' was not found.`);
    const zoneName = nameOfId(zoneId);
    const stem = zoneName.replace(hostSuffix, "");
    if (stem === zoneName || stem === nameOfId(id) || stem.split(".").length > 2 || stem === "privatelink") {
        return new AzureError(
            400,
            "PrivateDnsZoneNameNotValid",
            `The private DNS zone name '${zoneName}' is not valid.`,
        );
    }
    return undefined;
}

/**
 * Why the server can't reach Entra. The service says no more than that something unexpected happened, and sign-in fails in
 * the same way.
 */
export function egressFault(network: Network, { network: wanted }: ServerProperties): string | undefined {
    const subnetId = wanted?.delegatedSubnetResourceId;
    const subnet = subnetId === undefined ? undefined : network.get(subnetId);
    if (!subnet || subnetId === undefined) return undefined;
    const virtualNetwork = network.get(parentId(subnetId));
    const addressSpace = (virtualNetwork?.properties["addressSpace"] as Properties | undefined)?.["addressPrefixes"];
    const { entra } = analysisFromAzure(
        withChildren(network, idIn(subnet.properties["networkSecurityGroup"]), "securityRules", "network:SecurityRule"),
        withChildren(network, idIn(subnet.properties["routeTable"]), "routes", "network:Route"),
        subnet.properties,
        Array.isArray(addressSpace) ? { addressSpace: addressSpace as string[] } : {},
    );
    return entra.reachable === false ? entra.explanation : undefined;
}

/** Whether machines of the server's virtual network find its name. */
export function isResolvable(network: Network, { network: wanted }: ServerProperties): boolean {
    const { delegatedSubnetResourceId: subnetId, privateDnsZoneArmResourceId: zoneId } = wanted ?? {};
    if (subnetId === undefined || zoneId === undefined) return true;
    return network
        .list("privatedns:VirtualNetworkLink", zoneId)
        .some(({ properties }) => sameId(idIn(properties["virtualNetwork"]), parentId(subnetId)));
}

/** Whether a private endpoint with an entry in a zone leads to the server. */
export function hasPrivateEndpoint(network: Network, serverId: string): boolean {
    return network
        .list("network:PrivateEndpoint")
        .some(
            (endpoint) =>
                list(endpoint.properties["privateLinkServiceConnections"]).some(({ privateLinkServiceId }) =>
                    sameId(privateLinkServiceId, serverId),
                ) && network.list("network:PrivateDnsZoneGroup", endpoint.id).length > 0,
        );
}

/** A group or table with its rules or routes, whether they were written inline or as resources of their own. */
export function withChildren(
    network: Network,
    id: string | undefined,
    property: "securityRules" | "routes",
    token: string,
): Properties | undefined {
    const resource = id === undefined ? undefined : network.get(id);
    if (!resource || id === undefined) return undefined;
    const separate = network.list(token, id).map((child) => ({ ...child.properties, name: nameOfId(child.id) }));
    return { ...resource.properties, [property]: [...list(resource.properties[property]), ...separate] };
}

function idIn(value: unknown): string | undefined {
    const id = (value as Properties | undefined)?.["id"];
    return typeof id === "string" ? id : undefined;
}

function list(value: unknown): Properties[] {
    return Array.isArray(value) ? (value as Properties[]) : [];
}

function sameId(a: unknown, b: string): boolean {
    return typeof a === "string" && a.toLowerCase() === b.toLowerCase();
}
