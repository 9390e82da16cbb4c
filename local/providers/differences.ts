import type { DiffKind, Properties } from "../../provider/protocol/implementation";

/** Every path at which two sets of properties differ: `storage.storageSizeGB`, `rules[0].name`. */
export function detailedChanges(before: Properties, after: Properties): Record<string, DiffKind> {
    const changes: Record<string, DiffKind> = {};
    compare(before, after, "", changes);
    return changes;
}

function compare(before: unknown, after: unknown, path: string, changes: Record<string, DiffKind>): void {
    if (isObject(before) && isObject(after)) {
        for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
            const name = /^[\w$]+$/.test(key)
                ? path === ""
                    ? key
                    : `${path}.${key}`
                : `${path}[${JSON.stringify(key)}]`;
            compare(before[key], after[key], name, changes);
        }
        return;
    }
    if (Array.isArray(before) && Array.isArray(after)) {
        for (let i = 0; i < Math.max(before.length, after.length); i++) {
            compare(before[i], after[i], `${path}[${String(i)}]`, changes);
        }
        return;
    }
    if (Object.is(before, after)) return;
    changes[path] = before === undefined ? "add" : after === undefined ? "delete" : "update";
}

function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
