import * as pulumi from "@pulumi/pulumi";
import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink";
import type { Cloud } from "../clouds";
import { type Fault, checkInput, plain } from "../faults";
import { armId, parseArmId, validateArmId } from "./arm-id";
import { armIdParts } from "./network-facts";
import { type ZonePurpose, validateZoneName } from "./zones";

/** Virtual networks whose machines look servers up in a zone: ARM ids by names of your own. */
export type LinkedNetworks = Record<string, pulumi.Input<string>>;

/** A private DNS zone that is made here. */
export interface NewPrivateDnsZone {
    id?: never;
    provider?: never;
    /**
     * The zone's name. For servers in delegated subnets it ends in `.postgres.database.azure.com` (in the public cloud) after
     * one or two labels, of which a single one isn't the server's name; for private endpoints there is only one name.
     * @default - `<component>.private.postgres.database.azure.com`, or the name for private endpoints
     */
    name?: string;
    /**
     * Further virtual networks that look servers up: a hub, and each peered network with clients. Peering doesn't do it.
     * @default - none
     */
    links?: LinkedNetworks;
}

/** A private DNS zone that exists, perhaps in another subscription. */
export interface ExistingPrivateDnsZone {
    name?: never;
    /** Its ARM id. */
    id: pulumi.Input<string>;
    /**
     * Virtual networks to link with it.
     * @default - none: whoever owns the zone has linked them
     */
    links?: LinkedNetworks;
    /**
     * The azure-native provider for the zone's subscription, with which links are made.
     * @default - the component's
     */
    provider?: pulumi.ProviderResource;
}

/** A private DNS zone: a new one, or one that exists. */
export type PrivateDnsZone = NewPrivateDnsZone | ExistingPrivateDnsZone;

/** What {@link validatePrivateDnsZone} must know of the zone's use. */
export interface ZoneUse {
    purpose: ZonePurpose;
    cloud?: Cloud | undefined;
    serverName?: string | undefined;
}

/** Checks a zone without registering anything. */
export function validatePrivateDnsZone(zone: PrivateDnsZone, use: ZoneUse): Fault[] {
    const faults: Fault[] = [];
    const name = (zone as { name?: string }).name;
    if (zone.id !== undefined && name !== undefined) {
        faults.push({
            field: "name",
            given: name,
            allowed: "nothing beside an id",
            fix: "Give the id of a zone that exists, or the name of one to make.",
        });
    }
    const id = plain(zone.id);
    if (id !== undefined) faults.push(...validateZoneId(id, use));
    if (zone.id === undefined && name !== undefined) {
        faults.push(...validateZoneName("name", name, use.purpose, use.cloud, use.serverName));
    }
    for (const [key, network] of Object.entries(zone.links ?? {})) {
        const known = plain(network);
        if (known !== undefined)
            faults.push(...validateArmId(`links.${key}`, known, "Microsoft.Network/virtualNetworks"));
    }
    return faults;
}

function validateZoneId(id: string, use: ZoneUse): Fault[] {
    const faults = validateArmId("id", id, "Microsoft.Network/privateDnsZones");
    if (faults.length > 0) return faults;
    return validateZoneName("id", parseArmId(id)?.name ?? "", use.purpose, use.cloud, use.serverName);
}

/** A zone with its links, made before whatever is looked up in it. */
export interface PrivateDns {
    zoneId: pulumi.Output<string>;
    zoneName: pulumi.Output<string>;
    /** The zone, if it was made here, and the links. */
    resources: pulumi.Resource[];
}

/** Makes a zone, or takes one that exists, and links virtual networks with it one after another. */
export function createPrivateDns(
    component: string,
    name: string,
    args: {
        zone: PrivateDnsZone;
        use: ZoneUse;
        defaultName: string;
        resourceGroupName: pulumi.Input<string>;
        links: LinkedNetworks;
    },
    parent: pulumi.Resource,
): PrivateDns {
    const { zone, use } = args;
    const resources: pulumi.Resource[] = [];
    const provider = zone.provider && { provider: zone.provider };
    const place = zone.id === undefined ? created() : existing(zone.id);
    for (const [key, network] of Object.entries(args.links)) {
        resources.push(
            new VirtualNetworkLink(
                `${name}-${key}`,
                {
                    resourceGroupName: place.resourceGroupName,
                    privateZoneName: place.zoneName,
                    location: "Global",
                    registrationEnabled: false,
                    virtualNetwork: {
                        id: pulumi.output(network).apply((id) => {
                            armId(id, "Microsoft.Network/virtualNetworks");
                            return id;
                        }),
                    },
                },
                { parent, dependsOn: resources.slice(-1), ...provider },
            ),
        );
    }
    return { zoneId: place.zoneId, zoneName: place.zoneName, resources };

    function created() {
        const made = new PrivateZone(
            name,
            {
                resourceGroupName: args.resourceGroupName,
                privateZoneName: zone.name ?? args.defaultName,
                location: "Global",
            },
            { parent },
        );
        resources.push(made);
        return {
            zoneId: made.id,
            zoneName: pulumi.output(zone.name ?? args.defaultName),
            resourceGroupName: pulumi.output(args.resourceGroupName),
        };
    }

    function existing(id: pulumi.Input<string>) {
        const checked = checkInput(component, name, id, (known) => validateZoneId(known, use));
        const zoneId = pulumi.output(checked.value ?? id);
        const parts = armIdParts(zoneId, "Microsoft.Network/privateDnsZones");
        return {
            zoneId,
            zoneName: parts.apply((known) => known.name),
            resourceGroupName: parts.apply((known) => known.resourceGroupName),
        };
    }
}
