/** Secrets on the wire: an engine that is told so sends them wrapped. Source: "Pulumi Resource Provider Protocol". */
import type { Properties } from "./implementation";

/** By which the engine marks values that are more than they look. */
export const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function isSecret(value: object): value is { value: unknown } {
    return (value as Properties)[signatureKey] === secretSignature;
}

/** The values themselves. */
export function unwrapped(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(unwrapped);
    if (typeof value !== "object" || value === null) return value;
    if (isSecret(value)) return unwrapped(value.value);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

/** The properties that are secret or hold a secret. */
export function secretKeys(properties: Properties): string[] {
    return Object.keys(properties).filter((key) => holdsSecret(properties[key]));
}

/** Wraps what must stay secret in an answer. */
export function wrapped(properties: Properties, secret: readonly string[]): Properties {
    return Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [
            key,
            secret.includes(key) && value !== undefined ? { [signatureKey]: secretSignature, value } : value,
        ]),
    );
}

function holdsSecret(value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    return isSecret(value) || Object.values(value).some(holdsSecret);
}
