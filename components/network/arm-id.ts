import type { Fault } from "../faults";

/** A resource's id in Azure Resource Manager, taken apart. */
export interface ArmId {
    subscriptionId: string;
    resourceGroupName: string;
    /** Such as `Microsoft.Network/virtualNetworks`. */
    type: string;
    /** The resource's name; a child's parents come first in `parents`. */
    name: string;
    parents: string[];
}

const shape = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i;

/** Takes an id apart; undefined when it isn't one of a resource in a resource group. */
export function parseArmId(id: string): ArmId | undefined {
    const [, subscriptionId, resourceGroupName, namespace, path] = shape.exec(id) ?? [];
    if (!subscriptionId || !resourceGroupName || !namespace || !path) return undefined;
    const parts = path.split("/");
    if (parts.length % 2 !== 0 || parts.includes("")) return undefined;
    const types = parts.filter((_, index) => index % 2 === 0);
    const names = parts.filter((_, index) => index % 2 === 1);
    const name = names.at(-1) ?? "";
    return {
        subscriptionId,
        resourceGroupName,
        type: [namespace, ...types].join("/"),
        name,
        parents: names.slice(0, -1),
    };
}

/** The kinds of resources that this package refers to, by type, with what people call them. */
export const armTypes = {
    "Microsoft.Network/virtualNetworks": "a virtual network",
    "Microsoft.Network/virtualNetworks/subnets": "a subnet",
    "Microsoft.Network/networkSecurityGroups": "a network security group",
    "Microsoft.Network/routeTables": "a route table",
    "Microsoft.Network/privateDnsZones": "a private DNS zone",
    "Microsoft.DBforPostgreSQL/flexibleServers": "a flexible server",
} as const;

export function validateArmId(field: string, id: string, type: keyof typeof armTypes): Fault[] {
    if (parseArmId(id)?.type.toLowerCase() === type.toLowerCase()) return [];
    return [
        {
            field,
            given: id,
            allowed: `the ARM id of ${armTypes[type]}: /subscriptions/…/providers/${type.replace(/\/subnets$/, "/…/subnets")}/…`,
            fix: "Give the resource's id, not its name.",
        },
    ];
}

/** The id taken apart, for values that were checked before. */
export function armId(id: string, type: keyof typeof armTypes): ArmId {
    const parsed = parseArmId(id);
    if (parsed?.type.toLowerCase() !== type.toLowerCase()) {
        throw new Error(`${id} is not the ARM id of ${armTypes[type]}: give the resource's id, not its name.`);
    }
    return parsed;
}
