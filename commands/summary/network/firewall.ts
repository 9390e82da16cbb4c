/** Which addresses the firewall of a server lets in. */
import { AddressSet } from "../../../components/network/analysis/address-set";
import { type Finding, grouped, inputsOf, postgresTypes, serverOf, shown, textAt } from "../findings";
import { thousands } from "../markdown";
import type { Preview, Properties, Step } from "../preview";

export function firewallChanges({ steps }: Preview): Finding[] {
    const rules = steps.filter(({ type }) => type === postgresTypes.firewallRule);
    const serverName = (step: Step): unknown => inputsOf(step)["serverName"];
    // What each server lets in now, by all its rules together.
    const openToday = new Map(
        [...grouped(rules, serverName)].map(([server, ofServer]) => {
            const before = ofServer.map((step) => step.before);
            return [
                server,
                {
                    opened: before.reduce((all, inputs) => all.union(addresses(inputs)), AddressSet.empty),
                    azure: before.some(isAllOfAzure),
                },
            ];
        }),
    );
    return rules
        .filter(({ operation }) => operation !== "Keep")
        .flatMap((step): Finding[] => {
            const today = openToday.get(serverName(step));
            const [old, now] = [addresses(step.before), addresses(step.after)];
            const added = now.subtract(today?.opened ?? AddressSet.empty);
            const name = shown(textAt(inputsOf(step), "firewallRuleName") ?? step.name);
            const of = `firewall rule ${name} of ${serverOf(step)}`;
            const [from, to] = [range(step.before), range(step.after)];
            // Other customers' resources aren't a set of addresses.
            const opensAzure = isAllOfAzure(step.after) && today?.azure !== true;
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
    const [start, end] = ["startIpAddress", "endIpAddress"].map((key) => textAt(inputs, key) ?? "?");
    if (start === end) return shown(start);
    const size = addresses(inputs).ranges.reduce((sum, { first, last }) => sum + (last - first + 1n), 0n);
    const span = shown(`${start ?? ""}–${end ?? ""}`);
    if (size === 1n << 32n) return `${span} (**the whole Internet**)`;
    return size < 1n << 32n ? `${span} (${thousands(Number(size))} addresses)` : span;
}
