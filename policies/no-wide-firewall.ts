import { parsePrefix } from "../components/network/analysis/address-set";
import { UNKNOWN } from "../provider/protocol/implementation";
import type { ResourcePolicy } from "./policy";
import { at } from "./resources";

export const noWideFirewall: ResourcePolicy = {
    name: "no-wide-firewall",
    demand: "A firewall rule admits few addresses, and not all of Azure.",
    reason: "Whoever gets to sign in can guess, and 0.0.0.0 admits every customer of Azure.",
    source: "Firewall rules in Azure Database for PostgreSQL flexible server",
    level: "mandatory",
    limit: { name: "maximumAddresses", default: 256, description: "How many addresses a rule may admit." },
    judge(resource, maximum) {
        if (resource.type !== "azure-native:dbforpostgresql:FirewallRule") return undefined;
        const [start, end] = [at(resource, "startIpAddress"), at(resource, "endIpAddress")];
        if (start === UNKNOWN || end === UNKNOWN) return undefined;
        if (start === "0.0.0.0" && end === "0.0.0.0") {
            return "The rule admits everything in Azure, other customers too. Name the addresses instead.";
        }
        const [first, last] = [parsePrefix(String(start)), parsePrefix(String(end))];
        if (!first || !last) return undefined;
        const count = last.last - first.first + 1n;
        if (count <= maximum) return undefined;
        return `The rule admits ${count.toLocaleString("en")} addresses, more than ${String(maximum)}. Narrow it.`;
    },
};
