import * as pulumi from "@pulumi/pulumi";

/** One thing wrong with a component's arguments. */
export interface Fault {
    /** The argument's path, such as `server.storage.sizeGB` or `administrators[1].objectId`. */
    field: string;
    /** What was given, as the message shows it; never a secret. */
    given: unknown;
    /** What would have been accepted. */
    allowed: string;
    /** What to do about it. */
    fix: string;
}

/**
 * Every fault found in a component's arguments, thrown before any resource is registered.
 * The engine prints the message alone, without a stack.
 */
export class InvalidArguments extends pulumi.RunError {
    readonly faults: readonly Fault[];

    constructor(component: string, name: string, faults: readonly Fault[]) {
        const count = faults.length === 1 ? "1 fault" : `${String(faults.length)} faults`;
        super(`${component} "${name}": ${count} in its arguments:\n${describe(faults)}`);
        this.faults = faults;
    }
}

/** Throws one {@link InvalidArguments} for all faults; does nothing when there is none. */
export function refuse(component: string, name: string, faults: readonly Fault[]): void {
    if (faults.length > 0) throw new InvalidArguments(component, name, faults);
}

/** The same faults seen from a parent, whose argument `prefix` holds them. */
export function within(prefix: string, faults: readonly Fault[]): Fault[] {
    return faults.map((fault) => ({
        ...fault,
        field:
            fault.field === ""
                ? prefix
                : fault.field.startsWith("[")
                  ? prefix + fault.field
                  : `${prefix}.${fault.field}`,
    }));
}

/**
 * Checks a value that may not be known yet. A plain value is checked at once; an output is checked when it becomes
 * known, and the returned output then fails with the same message. An unknown value is neither forced nor refused.
 *
 * @returns faults found now, and the value to pass on
 */
export function checkInput<T>(
    component: string,
    name: string,
    value: pulumi.Input<T> | undefined,
    check: (value: T) => Fault[],
): { faults: Fault[]; value: pulumi.Input<T> | undefined } {
    if (value === undefined) return { faults: [], value };
    if (pulumi.Output.isInstance(value) || value instanceof Promise) {
        const checked = (pulumi.output(value) as pulumi.Output<T>).apply((known) => {
            refuse(component, name, check(known));
            return known;
        });
        return { faults: [], value: checked };
    }
    return { faults: check(value), value };
}

/** The value when it is plain, undefined when it is an output or a promise. */
export function plain<T>(value: pulumi.Input<T> | undefined): T | undefined {
    return pulumi.Output.isInstance(value) || value instanceof Promise ? undefined : value;
}

function describe(faults: readonly Fault[]): string {
    return faults
        .map(
            ({ field, given, allowed, fix }) =>
                `  - ${field}: ${show(given)} was given; allowed: ${allowed}.\n    ${fix}`,
        )
        .join("\n");
}

function show(value: unknown): string {
    if (value === undefined) return "nothing";
    const text = JSON.stringify(value);
    return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
