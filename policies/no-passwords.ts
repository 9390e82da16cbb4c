import type { ResourcePolicy } from "./policy";
import { at, differs, isServer } from "./resources";

export const noPasswords: ResourcePolicy = {
    name: "no-passwords",
    demand: "A production server takes no PostgreSQL passwords.",
    reason: "A password is copied, kept and found; a token is short-lived and somebody's own.",
    source: "Security overview for Azure Database for PostgreSQL flexible server",
    level: "mandatory",
    production: true,
    judge(resource) {
        // The service's default is Enabled.
        if (!isServer(resource) || !differs(at(resource, "authConfig", "passwordAuth"), "Disabled")) return undefined;
        return "Password authentication is on. Set authConfig.passwordAuth to Disabled.";
    },
};
