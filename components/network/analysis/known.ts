import * as pulumi from "@pulumi/pulumi";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";

/** Stands for a value that isn't known before the deployment. */
export const notKnown = Symbol("not known before the deployment");

/** A value that a preview may not know. */
export type Known<T> = T | typeof notKnown;

/**
 * A value as the analysis takes it: an output, a promise or the engine's own mark for an unknown value becomes
 * {@link notKnown}, wherever it stands inside the value.
 */
export function knownParts(value: unknown): unknown {
    if (pulumi.Output.isInstance(value) || value instanceof Promise || value === unknownValue) return notKnown;
    if (Array.isArray(value)) return value.map(knownParts);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, knownParts(inner)]));
}
