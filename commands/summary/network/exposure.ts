/** How the network opens and closes. */
import {
    type Finding,
    at,
    changing,
    inputsOf,
    lastPart,
    postgresTypes,
    serverOf,
    shown,
    textAt,
    wideningFirst,
} from "../findings";
import { code, enumerate } from "../markdown";
import type { Preview, Properties } from "../preview";
import { entraEgress } from "./entra-egress";
import { firewallChanges } from "./firewall";
import { routeChanges, securityRuleChanges } from "./rules";

/** What opens comes before what closes. */
export function networkExposure(preview: Preview): Finding[] {
    return wideningFirst([
        ...publicAccessChanges(preview),
        ...firewallChanges(preview),
        ...encryptionInTransit(preview),
        ...wayChanges(preview),
        ...securityRuleChanges(preview),
        ...routeChanges(preview),
        ...entraEgress(preview),
    ]);
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
