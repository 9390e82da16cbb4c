/** Security rules and routes, whether they are resources of their own or written in their group or table. */
import { type Finding, changing, shown, textAt } from "../findings";
import { enumerate } from "../markdown";
import type { Preview, Properties, Step } from "../preview";

/** A rule or a route with what holds it, whether it is a resource of its own or written in its group or table. */
interface Entry {
    holder: string;
    name: string;
    fields: Properties;
}

function entries(
    inputs: Properties,
    step: Step,
    own: { type: string; name: string; holder: string; list: string },
): Entry[] {
    if (Object.keys(inputs).length === 0) return [];
    if (step.type === own.type) {
        const name = textAt(inputs, own.name) ?? step.name;
        return [{ holder: textAt(inputs, own.holder) ?? "", name, fields: inputs }];
    }
    const inline = inputs[own.list];
    if (!Array.isArray(inline)) return [];
    return (inline as Properties[]).map((fields, index) => ({
        holder: textAt(inputs, own.holder) ?? step.name,
        name: textAt(fields, "name") ?? String(index),
        fields,
    }));
}

/** Entries before and after, side by side. */
function sideBySide(
    steps: readonly Step[],
    read: (inputs: Properties, step: Step) => Entry[],
): { holder: string; name: string; before: Properties | undefined; after: Properties | undefined }[] {
    const all = new Map<string, ReturnType<typeof sideBySide>[number]>();
    for (const step of steps) {
        for (const [when, inputs] of [["before", step.before] as const, ["after", step.after] as const]) {
            for (const { holder, name, fields } of read(inputs, step)) {
                const key = JSON.stringify([inputs["resourceGroupName"], holder, name]);
                const entry = all.get(key) ?? { holder, name, before: undefined, after: undefined };
                all.set(key, { ...entry, [when]: fields });
            }
        }
    }
    return [...all.values()];
}

const ruleFields = [
    ...["priority", "direction", "access", "protocol"],
    ...["sourceAddressPrefix", "sourceAddressPrefixes", "sourcePortRange", "sourcePortRanges"],
    ...["destinationAddressPrefix", "destinationAddressPrefixes", "destinationPortRange", "destinationPortRanges"],
];

export function securityRuleChanges({ steps }: Preview): Finding[] {
    const group = "azure-native:network:NetworkSecurityGroup";
    const rule = "azure-native:network:SecurityRule";
    const read = (inputs: Properties, step: Step): Entry[] =>
        entries(inputs, step, {
            type: rule,
            name: "securityRuleName",
            holder: "networkSecurityGroupName",
            list: "securityRules",
        });
    return sideBySide(changing(steps, group, rule), read).flatMap(({ holder, name, before, after }): Finding[] => {
        if (before && after && same(before, after, ruleFields)) return [];
        const of = `security rule ${shown(name)}${holder === "" ? "" : ` of ${shown(holder)}`}`;
        const isInbound = [before, after].some((fields) => textAt(fields ?? {}, "direction") === "Inbound");
        const allows = textAt(after ?? {}, "access") === "Allow";
        const denied = textAt(before ?? {}, "access") === "Deny";
        const widensAccess = isInbound && (allows || denied);
        if (!before) return [{ text: `${of} is **added**: ${ruleInWords(after ?? {})}.`, widensAccess }];
        if (!after) return [{ text: `${of} is **removed**; until now it ${ruleInWords(before)}.`, widensAccess }];
        return [{ text: `${of} **changes**: ${ruleInWords(before)} → ${ruleInWords(after)}.`, widensAccess }];
    });
}

function ruleInWords(fields: Properties): string {
    const either = (one: string, many: string): string => {
        const list = fields[many];
        if (Array.isArray(list) && list.length > 0) return enumerate(list.map(shown), 6);
        const value = fields[one];
        return value === undefined || value === "*" ? "any" : shown(value);
    };
    const verb = fields["access"] === "Deny" ? "denies" : "allows";
    const direction = fields["direction"] === "Inbound" ? "inbound" : "outbound";
    const source = either("sourceAddressPrefix", "sourceAddressPrefixes");
    const destination = either("destinationAddressPrefix", "destinationAddressPrefixes");
    const ports = either("destinationPortRange", "destinationPortRanges");
    return `${verb} ${direction} traffic from ${source} to ${destination}, ${ports === "any" ? "any port" : `port ${ports}`}, priority ${shown(fields["priority"])}`;
}

export function routeChanges({ steps }: Preview): Finding[] {
    const table = "azure-native:network:RouteTable";
    const route = "azure-native:network:Route";
    const read = (inputs: Properties, step: Step): Entry[] =>
        entries(inputs, step, { type: route, name: "routeName", holder: "routeTableName", list: "routes" });
    return sideBySide(changing(steps, table, route), read).flatMap(({ holder, name, before, after }): Finding[] => {
        if (before && after && same(before, after, ["addressPrefix", "nextHopType", "nextHopIpAddress"])) return [];
        const of = `route ${shown(name)}${holder === "" ? "" : ` of ${shown(holder)}`}`;
        const words = (fields: Properties): string => {
            const hop = fields["nextHopIpAddress"];
            return `${shown(fields["addressPrefix"])} to ${shown(fields["nextHopType"])}${hop === undefined ? "" : ` ${shown(hop)}`}`;
        };
        if (!before) return [{ text: `${of} is added: ${words(after ?? {})}.` }];
        if (!after) return [{ text: `${of} is removed: ${words(before)}.` }];
        return [{ text: `${of} changes: ${words(before)} → ${words(after)}.` }];
    });
}

function same(before: Properties, after: Properties, fields: readonly string[]): boolean {
    return fields.every((field) => JSON.stringify(before[field]) === JSON.stringify(after[field]));
}
