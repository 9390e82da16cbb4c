import type { StackPolicy } from "./policy";
import { type GivenResource, at, isAdministrator, isServer } from "./resources";

export const administratorsAdminister: StackPolicy = {
    name: "administrators-administer",
    demand: "No application signs in as an administrator of the server.",
    reason: "A fault in the application would then reach every database and every role.",
    source: "Security overview for Azure Database for PostgreSQL flexible server",
    level: "mandatory",
    judgeAll(resources) {
        const names = [
            ...resources.filter(isServer).map((server) => at(server, "administratorLogin")),
            ...resources.filter(isAdministrator).map((each) => at(each, "principalName")),
        ].filter((name): name is string => typeof name === "string" && name !== "");
        return resources.filter(isApplication).flatMap((resource) =>
            names
                .filter((name) => signsInAs(resource.properties, name))
                .map((name) => ({
                    resource,
                    message: `Its settings sign in as "${name}", an administrator. Give it a principal with the access it needs.`,
                })),
        );
    },
};

/** Whatever runs programs; the database's own resources name administrators by right. */
function isApplication({ type }: GivenResource): boolean {
    return /^(azure-native:(web|app|containerinstance|containerservice|compute|batch)|kubernetes):/.test(type);
}

/** Whether a setting called user, or a connection string, names the role. */
function signsInAs(value: unknown, role: string, key = ""): boolean {
    if (typeof value === "string") {
        if (/user/i.test(key) && value === role) return true;
        const escaped = [role, encodeURIComponent(role)].map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        return new RegExp(
            `(://(${escaped.join("|")})[:@])|(\\buser(name| id)?\\s*=\\s*['"]?(${escaped.join("|")})(['";\\s]|$))`,
            "i",
        ).test(value);
    }
    if (typeof value !== "object" || value === null) return false;
    const { name, value: setting } = value as { name?: unknown; value?: unknown };
    // Application settings come as pairs of a name and a value.
    if (typeof name === "string" && typeof setting === "string" && signsInAs(setting, role, name)) return true;
    return Object.entries(value).some(([inner, each]) => signsInAs(each, role, inner));
}
