import type { Cloud } from "../../clouds";
import { AddressSet, parsePrefix } from "./address-set";
import { type Known, notKnown } from "./known";
import { type Route, systemRoutes } from "./routes";
import type { SecurityRule } from "./security-rules";
import { type TagScope, hostAddress, privateAddresses } from "./service-tags";

/** What a server's packets may be for. */
export type Purpose = "AzureActiveDirectory" | "Storage" | "Replication";

/** A firewall or proxy that packets are routed through, and what its owner says it lets pass. */
export interface Firewall {
    /** The next hop's IPv4 address, or `VirtualNetworkGateway` for a firewall on premises. */
    nextHop: string;
    /** HTTPS to `AzureActiveDirectory` or `Storage`; port 5432 between primary and replica as `Replication`. */
    allows: readonly Purpose[];
}

/** A delegated subnet with everything that decides where its packets go. Values may not be known before the deployment. */
export interface SubnetPlan {
    /** The subnet's IPv4 block. */
    addressPrefix: Known<string>;
    /** Rules of the subnet's network security group; undefined when it has none, and then everything is let through. */
    securityRules: Known<readonly SecurityRule[]> | undefined;
    /** Routes of the subnet's route table, and those learned by BGP if the table lets them in. */
    routes: Known<readonly Route[]>;
    /** Blocks of the virtual network; undefined when they aren't known. */
    addressSpace?: readonly string[] | undefined;
    /**
     * Blocks of peered and connected networks, which are in the `VirtualNetwork` tag too; undefined when they aren't
     * known.
     */
    peered?: readonly string[] | undefined;
    /** Whether the subnet has a service endpoint for Storage. */
    storageEndpoint: boolean;
    /** The region of the server's storage. */
    storageRegion?: Known<string> | undefined;
    /** @default - none: what goes through an appliance or a gateway doesn't arrive */
    firewalls?: readonly Firewall[] | undefined;
    cloud: Cloud;
}

/** A plan of which the subnet, its rules and its routes are known, though perhaps not every value in them. */
export interface ReadableSubnetPlan extends SubnetPlan {
    addressPrefix: string;
    securityRules: readonly SecurityRule[] | undefined;
    routes: readonly Route[];
}

export function isReadable(plan: SubnetPlan): plan is ReadableSubnetPlan {
    return plan.addressPrefix !== notKnown && plan.securityRules !== notKnown && plan.routes !== notKnown;
}

/** All routes in force in the subnet. */
export function routesInForce(plan: ReadableSubnetPlan): Route[] {
    const { addressSpace, peered, addressPrefix: subnet, storageEndpoint } = plan;
    return [...plan.routes, ...systemRoutes({ addressSpace, peered: peered ?? [], subnet, storageEndpoint })];
}

/** What tags mean in the subnet. */
export function tagScope(plan: ReadableSubnetPlan): TagScope {
    const addressSpace = AddressSet.fromPrefixes([plan.addressPrefix, ...(plan.addressSpace ?? [])]);
    const routed = plan.routes
        .filter(({ source }) => source !== "System")
        .map(({ addressPrefix }) => (addressPrefix === notKnown ? notKnown : parsePrefix(addressPrefix)));
    const blocks = routed.flatMap((block) => (block === notKnown || block === undefined ? [] : [block]));
    // Azure adds the prefixes of routes to the tag. Of a default route the documentation says only that it may be there.
    const definitely = addressSpace
        .union(AddressSet.fromPrefixes([hostAddress, ...(plan.peered ?? [])]))
        .union(AddressSet.of(...blocks.filter(({ length }) => length > 0)));
    const possibly = definitely
        .union(routed.includes(notKnown) ? AddressSet.everything : AddressSet.of(...blocks))
        .union(plan.peered && plan.addressSpace ? AddressSet.empty : privateAddresses);
    return {
        cloud: plan.cloud,
        storageRegion: plan.storageRegion,
        addressSpace,
        virtualNetwork: { definitely, possibly },
    };
}
