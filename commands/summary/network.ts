/** How the network opens and closes. */
import { AddressSet } from "../../components/network/analysis/address-set";
import { answersOf } from "../../components/network/analysis/egress-analysis";
import { type PreviewedResource, delegatedSubnets } from "../network/plan-from-preview";
import { type Finding, at, inputsOf, postgresTypes, serverOf, shown, textAt } from "./findings";
import { code, count, enumerate, thousands } from "./markdown";
import type { Preview, Properties, Step } from "./preview";

/** What opens comes before what closes. */
export function networkExposure(preview: Preview): Finding[] {
    const findings = [
        ...publicAccessChanges(preview),
        ...firewallChanges(preview),
        ...encryptionInTransit(preview),
        ...wayChanges(preview),
        ...securityRuleChanges(preview),
        ...routeChanges(preview),
        ...entraEgress(preview),
    ];
    return [
        ...findings.filter(({ widensAccess }) => widensAccess),
        ...findings.filter(({ widensAccess }) => !widensAccess),
    ];
}

function changing(steps: readonly Step[], ...types: string[]): Step[] {
    return steps.filter(({ type, operation }) => types.includes(type) && operation !== "Keep");
}

function publicAccessChanges({ steps }: Preview): Finding[] {
    return changing(steps, postgresTypes.server).flatMap((step): Finding[] => {
        const server = serverOf(step);
        const isOpen = (inputs: Properties): boolean =>
            at(inputs, "network.delegatedSubnetResourceId") === undefined &&
            at(inputs, "network.publicNetworkAccess") !== "Disabled";
        const [was, is] = [isOpen(step.before), isOpen(step.after)];
        switch (step.operation) {
            case "Create":
                return is
                    ? [
                          {
                              text: `new ${server} has a **public endpoint**; its firewall rules say who reaches it.`,
                              widensAccess: true,
                          },
                      ]
                    : [{ text: `new ${server} has no public endpoint.` }];
            case "Update":
            case "Replace":
                if (!was && is) {
                    return [
                        {
                            text: `**public network access of ${server} is switched on**; its firewall rules say who reaches it.`,
                            widensAccess: true,
                        },
                    ];
                }
                return was && !is ? [{ text: `public network access of ${server} is switched off.` }] : [];
            default:
                return [];
        }
    });
}

function firewallChanges({ steps }: Preview): Finding[] {
    const rules = steps.filter(({ type }) => type === postgresTypes.firewallRule);
    const serverName = (step: Step): unknown => inputsOf(step)["serverName"];
    return rules
        .filter(({ operation }) => operation !== "Keep")
        .flatMap((step): Finding[] => {
            const ofServer = rules.filter((other) => serverName(other) === serverName(step));
            const opened = ofServer.reduce((all, { before }) => all.union(addresses(before)), AddressSet.empty);
            const [old, now] = [addresses(step.before), addresses(step.after)];
            const added = now.subtract(opened);
            const name = shown(textAt(inputsOf(step), "firewallRuleName") ?? step.name);
            const of = `firewall rule ${name} of ${serverOf(step)}`;
            const [from, to] = [range(step.before), range(step.after)];
            // Other customers' resources aren't a set of addresses.
            const opensAzure = isAllOfAzure(step.after) && !ofServer.some(({ before }) => isAllOfAzure(before));
            const widensAccess = !added.isEmpty || opensAzure;
            switch (step.operation) {
                case "Create":
                    return [
                        {
                            text: widensAccess
                                ? `${of} is **added**: ${to} may connect.`
                                : `${of} is added: ${to}, which were let in already.`,
                            widensAccess,
                        },
                    ];
                case "Delete":
                    return [{ text: `${of} is removed: ${from} may no longer connect by it.` }];
                default: {
                    if (from === to) return [];
                    const direction = widensAccess ? "**widened**" : old.contains(now) ? "narrowed" : "changed";
                    return [{ text: `${of} is ${direction}: ${from} → ${to}.`, widensAccess }];
                }
            }
        });
}

function addresses(inputs: Properties): AddressSet {
    const [start, end] = [textAt(inputs, "startIpAddress"), textAt(inputs, "endIpAddress")];
    if (start === undefined || end === undefined) return AddressSet.empty;
    const [first] = AddressSet.fromPrefixes([start]).ranges;
    const [last] = AddressSet.fromPrefixes([end]).ranges;
    // A range that can't be read may be any.
    return first && last ? AddressSet.of({ first: first.first, last: last.last }) : AddressSet.everything;
}

/** The service reads this range as "whatever runs in Azure". */
function isAllOfAzure(inputs: Properties): boolean {
    return inputs["startIpAddress"] === "0.0.0.0" && inputs["endIpAddress"] === "0.0.0.0";
}

function range(inputs: Properties): string {
    if (isAllOfAzure(inputs)) return "**every Azure resource, other customers' too**";
    const [start, end] = [inputs["startIpAddress"], inputs["endIpAddress"]];
    if (start === end) return shown(start);
    const size = addresses(inputs).ranges.reduce((sum, { first, last }) => sum + (last - first + 1n), 0n);
    const span = `${shown(start)}–${shown(end)}`;
    if (size === 1n << 32n) return `${span} (**the whole Internet**)`;
    return size < 1n << 32n ? `${span} (${thousands(Number(size))} addresses)` : span;
}

/** Whether the server takes connections that aren't encrypted. */
function encryptionInTransit({ steps }: Preview): Finding[] {
    return changing(steps, postgresTypes.configuration)
        .filter((step) => inputsOf(step)["configurationName"] === "require_secure_transport")
        .flatMap((step): Finding[] => {
            const isOff = (inputs: Properties): boolean => textAt(inputs, "value")?.toLowerCase() === "off";
            const [was, is] = [isOff(step.before), isOff(step.after)];
            if (was === is) return [];
            return [
                is
                    ? { text: `${serverOf(step)} **takes connections that aren't encrypted**.`, widensAccess: true }
                    : { text: `${serverOf(step)} takes encrypted connections only.` },
            ];
        });
}

/** Private endpoints, peerings and links of zones: ways to a server that have no public address. */
function wayChanges({ steps }: Preview): Finding[] {
    const ways: Record<string, { what: string; where: (inputs: Properties) => unknown; opens: boolean }> = {
        "azure-native:network:PrivateEndpoint": {
            what: "private endpoint",
            where: (inputs) => at(inputs, "subnet.id"),
            opens: true,
        },
        "azure-native:network:VirtualNetworkPeering": {
            what: "peering",
            where: (inputs) => at(inputs, "remoteVirtualNetwork.id"),
            opens: true,
        },
        "azure-native:privatedns:VirtualNetworkLink": {
            what: "link of a private DNS zone",
            where: (inputs) => at(inputs, "virtualNetwork.id"),
            opens: false,
        },
    };
    return changing(steps, ...Object.keys(ways)).flatMap((step): Finding[] => {
        const way = ways[step.type];
        if (!way) return [];
        const name = `${way.what} ${code(step.name)}`;
        const place = (inputs: Properties): string => shown(lastPart(way.where(inputs)));
        switch (step.operation) {
            case "Create":
                return [
                    {
                        text: way.opens
                            ? `${name} is **added**: a way in from ${place(step.after)}.`
                            : `${name} is added: names are found from ${place(step.after)}.`,
                        widensAccess: way.opens,
                    },
                ];
            case "Delete":
                return [{ text: `${name} is removed: it led from ${place(step.before)}.` }];
            default:
                return step.changed.length === 0
                    ? []
                    : [
                          {
                              text: `${name} changes: ${enumerate(step.changed.map(code))}.`,
                              widensAccess: way.opens && way.where(step.before) !== way.where(step.after),
                          },
                      ];
        }
    });
}

function lastPart(id: unknown): unknown {
    return typeof id === "string" ? id.split("/").at(-1) : id;
}

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
                const key = JSON.stringify([holder, name]);
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

function securityRuleChanges({ steps }: Preview): Finding[] {
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
        if (!after) return [{ text: `${of} is **removed**: it ${ruleInWords(before)}.`, widensAccess }];
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

function routeChanges({ steps }: Preview): Finding[] {
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

/** Whether servers in delegated subnets reach Entra, before and after. */
function entraEgress({ steps, showsUnchanged }: Preview): Finding[] {
    const isOfEgress = ({ type }: Step): boolean =>
        /^azure-native:network:(Subnet|NetworkSecurityGroup|SecurityRule|RouteTable|Route)$/.test(type);
    const touched = steps.filter((step) => isOfEgress(step) && step.operation !== "Keep");
    if (touched.length === 0) return [];
    const [before, after] = (["before", "after"] as const).map((when) =>
        delegatedSubnets(
            steps.flatMap((step): PreviewedResource[] =>
                Object.keys(step[when]).length === 0
                    ? []
                    : [{ urn: step.urn, type: step.type, id: step.id, inputs: step[when] }],
            ),
        ),
    ) as [ReturnType<typeof delegatedSubnets>, ReturnType<typeof delegatedSubnets>];
    const isWhole = showsUnchanged || steps.every(({ operation }) => operation === "Create");
    if (!isWhole) {
        const rules = touched.filter(({ type }) => !type.endsWith(":Subnet"));
        if (rules.length === 0) return [];
        return [
            {
                text:
                    `Whether Entra is still reached can't be told: ${count(rules.length, "rule or route", "rules or routes")} changed, ` +
                    "and unchanged ones aren't in this preview. `--show-sames` puts them in.",
            },
        ];
    }
    return after.flatMap(({ name, analysis }) => {
        const old = before.find((subnet) => subnet.name === name);
        return answersOf(analysis).flatMap((answer): Finding[] => {
            const was = old && answersOf(old.analysis).find(({ question }) => question === answer.question)?.reachable;
            if (was === answer.reachable || (!old && answer.reachable === true)) return [];
            const verb =
                answer.reachable === true ? "reaches" : `**${was === true ? "no longer reaches" : "doesn't reach"}**`;
            const decides = [
                ...(answer.decidingRule ? [`security rule ${code(answer.decidingRule.name)}`] : []),
                ...(answer.decidingRoute ? [`route ${code(answer.decidingRoute.name)}`] : []),
            ];
            const why = decides.length === 0 ? "" : `; what decides is ${enumerate(decides)}`;
            const perhaps = answer.reachable === "Undecidable" ? " as far as the preview tells" : "";
            return [
                {
                    text: `a server in delegated subnet ${code(name)} ${verb} ${answer.question}${perhaps}${why}.`,
                    breaksSignIn: answer === analysis.entra && answer.reachable !== true,
                },
            ];
        });
    });
}
