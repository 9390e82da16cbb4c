/** What a stack would make, as text that a reviewer reads as a difference. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { stringify } from "yaml";
import { UNKNOWN } from "../../provider/protocol/implementation";
import { nameOf, typeOf } from "../urn";

/** What the engine puts in place of a value that isn't known before the deployment. */
const unknown = new RegExp(`^(${UNKNOWN}|output<string>)$`);

/** The resources in the order of their names: the engine's own changes from run to run. */
export function snapshotOf(stack: string, events: readonly EngineEvent[]): string {
    const resources = events
        .flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata.new ?? [])
        .filter(({ type, urn }) => type !== "pulumi:pulumi:Stack" && !isDefaultProvider(type, nameOf(urn)));
    const entries = resources.map(({ urn, type, parent, protect, retainOnDelete, inputs }): [string, unknown] => [
        `${type} ${nameOf(urn)}`,
        {
            ...(parent !== "" &&
                !parent.includes("pulumi:pulumi:Stack") && {
                    in: `${typeOf(parent).split(":").at(-1) ?? ""} ${nameOf(parent)}`,
                }),
            ...(protect === true && { protect }),
            ...(retainOnDelete === true && { retainOnDelete }),
            ...(readable(inputs, nameOf(urn)) as object),
        },
    ]);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const heading = `# What stack ${stack} makes, previewed against the emulation. Written by: npm run plan\n`;
    return heading + stringify(Object.fromEntries(entries), { lineWidth: 120, sortMapEntries: true });
}

/** The engine makes one for each package; what is in it says where the emulation listens. */
function isDefaultProvider(type: string, name: string): boolean {
    return type.startsWith("pulumi:providers:") && name.startsWith("default");
}

function readable(value: unknown, name: string): unknown {
    if (typeof value === "string") {
        if (unknown.test(value)) return "known after creation";
        // A name that nobody gave: the provider adds random digits to the resource's own.
        return value.startsWith(name) && /^[0-9a-f]{8}$/.test(value.slice(name.length)) ? `${name}…` : value;
    }
    if (Array.isArray(value)) return value.map((item) => readable(item, name));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value)
            .filter(([key]) => !key.startsWith("__"))
            .map(([key, inner]) => [key, readable(inner, name)]),
    );
}
