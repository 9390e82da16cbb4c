import { UNKNOWN } from "../provider/protocol/implementation";
import type { ResourcePolicy } from "./policy";
import { at, differs, isServer } from "./resources";

export const privateNetwork: ResourcePolicy = {
    name: "private-network",
    demand: "A production server has no address on the Internet.",
    reason: "What can't be reached can't be attacked, whatever else is wrong.",
    source: "Network with private access for Azure Database for PostgreSQL flexible server",
    level: "mandatory",
    production: true,
    judge(resource) {
        if (!isServer(resource)) return undefined;
        const subnet = at(resource, "network", "delegatedSubnetResourceId");
        if (subnet === UNKNOWN || typeof subnet === "string") return undefined;
        if (!differs(at(resource, "network", "publicNetworkAccess"), "Disabled")) return undefined;
        return "The server is public. Give it a delegated subnet, or a private endpoint with publicNetworkAccess Disabled.";
    },
};
