import type { Fault } from "../faults";
import { validateDelegatedPrefix } from "./address-blocks";

/** The service that a delegated subnet is given to. */
export const delegation = "Microsoft.DBforPostgreSQL/flexibleServers";

/** Names that Azure keeps for subnets of its own services. */
const reservedNames = ["AzureFirewallSubnet", "AzureFirewallManagementSubnet", "AzureBastionSubnet", "GatewaySubnet"];

/** What counts of a subnet that exists, as azure-native returns it. */
export interface ExistingSubnet {
    addressPrefix?: string;
    addressPrefixes?: string[];
    delegations?: { serviceName?: string }[];
    privateEndpoints?: unknown[];
    serviceAssociationLinks?: { linkedResourceType?: string }[];
}

/** Checks the name of a subnet that is to be made. */
export function validateSubnetName(field: string, name: string): Fault[] {
    if (reservedNames.some((reserved) => reserved.toLowerCase() === name.toLowerCase())) {
        return [
            {
                field,
                given: name,
                allowed: "a name that Azure doesn't keep for itself",
                fix: `Choose another: ${reservedNames.join(", ")} belong to other services.`,
            },
        ];
    }
    if (/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/.test(name)) return [];
    return [
        {
            field,
            given: name,
            allowed: "1 to 80 letters, digits, dots, hyphens and underscores",
            fix: "Start with a letter or digit, and end with one or an underscore.",
        },
    ];
}

/** Checks that servers may live in a subnet that exists: delegated to them, to nobody else, used by nobody else, and large enough. */
export function validateExistingSubnet(field: string, name: string, subnet: ExistingSubnet): Fault[] {
    const faults = validateSubnetName(field, name);
    const services = (subnet.delegations ?? []).map(({ serviceName }) => serviceName ?? "");
    if (!services.some((service) => service.toLowerCase() === delegation.toLowerCase())) {
        faults.push({
            field,
            given:
                services.length > 0 ? `a subnet delegated to ${services.join(", ")}` : "a subnet without a delegation",
            allowed: `a subnet delegated to ${delegation}`,
            fix: "Have its owner add the delegation, or name another subnet.",
        });
    }
    const sharers = [
        ...((subnet.privateEndpoints ?? []).length > 0 ? ["private endpoints"] : []),
        ...(subnet.serviceAssociationLinks ?? [])
            .map(({ linkedResourceType }) => linkedResourceType ?? "")
            .filter((type) => type !== "" && type.toLowerCase() !== delegation.toLowerCase()),
    ];
    if (sharers.length > 0) {
        faults.push({
            field,
            given: `a subnet shared with ${sharers.join(", ")}`,
            allowed: "a subnet that only flexible servers use",
            fix: "Give the servers a subnet of their own.",
        });
    }
    const prefix = [subnet.addressPrefix, ...(subnet.addressPrefixes ?? [])].find(
        (block) => block?.includes(".") === true,
    );
    return [...faults, ...(prefix === undefined ? [] : validateDelegatedPrefix(field, prefix))];
}
