import type { ResourcePolicy } from "./policy";
import { at, differs, isServer } from "./resources";

export const entraAuthentication: ResourcePolicy = {
    name: "entra-authentication",
    demand: "A server signs people and applications in with Microsoft Entra.",
    reason: "Without Entra there are only passwords, which nobody takes away when somebody leaves.",
    source: "Microsoft Entra authentication with Azure Database for PostgreSQL",
    level: "mandatory",
    judge(resource) {
        if (!isServer(resource) || !differs(at(resource, "authConfig", "activeDirectoryAuth"), "Enabled"))
            return undefined;
        return "Entra authentication is off. Set authConfig.activeDirectoryAuth to Enabled.";
    },
};
