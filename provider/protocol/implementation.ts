/** What one provider answers, free of the wire. `serve.ts` puts it on gRPC for the engine. */
import type { ConstructRequest, ConstructResponse } from "@pulumi/pulumi/proto/provider_pb";

/** Property values as plain JavaScript. A value the engine does not know yet is {@link UNKNOWN}. */
export type Properties = Record<string, unknown>;

/** The engine's mark for a value that is known only after a deployment. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value, or anything inside it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
    if (value === UNKNOWN) return true;
    if (Array.isArray(value)) return value.some(hasUnknown);
    if (typeof value === "object" && value !== null) return Object.values(value).some(hasUnknown);
    return false;
}

/** One fault found by `check`; the engine prints it beside the resource. */
export interface CheckFailure {
    property: string;
    reason: string;
}

/** What changing a property does: nothing but an update, or a replacement. */
export type DiffKind = "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace";

/** Differences by property path. An empty `changes` means there is nothing to do. */
export interface Difference {
    changes: Record<string, DiffKind>;
    deleteBeforeReplace?: boolean;
    /** Outputs that keep their value through this update, so that what depends on them is not disturbed. */
    stables?: string[];
}

/** The resource that a call is about. */
export interface ResourceCall {
    urn: string;
    type: string;
    name: string;
    signal: AbortSignal;
}

export interface CheckCall extends ResourceCall {
    /** Inputs of the last deployment; undefined for a new resource. */
    oldInputs: Properties | undefined;
    inputs: Properties;
}

export interface DiffCall extends ResourceCall {
    id: string;
    oldInputs: Properties;
    oldOutputs: Properties;
    inputs: Properties;
}

export interface CreateCall extends ResourceCall {
    inputs: Properties;
    preview: boolean;
    timeoutSeconds: number;
}

export interface UpdateCall extends CreateCall {
    id: string;
    oldInputs: Properties;
    oldOutputs: Properties;
}

export interface ReadCall extends ResourceCall {
    id: string;
    /** Empty when the resource is being imported. */
    inputs: Properties;
    outputs: Properties;
}

export interface DeleteCall extends ResourceCall {
    id: string;
    oldInputs: Properties;
    outputs: Properties;
    timeoutSeconds: number;
}

export interface InvokeCall {
    token: string;
    args: Properties;
}

/** What a type of resource, or all of a provider's types together, answers. */
export interface ResourceImplementation {
    check(call: CheckCall): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
    diff(call: DiffCall): Promise<Difference>;
    create(call: CreateCall): Promise<{ id: string; outputs: Properties }>;
    /** Undefined: the resource is gone. */
    read(call: ReadCall): Promise<{ id: string; inputs: Properties; outputs: Properties } | undefined>;
    update(call: UpdateCall): Promise<{ outputs: Properties }>;
    delete(call: DeleteCall): Promise<void>;
}

/** A provider. What it leaves out is answered with the engine's usual default. */
export interface ProviderImplementation extends ResourceImplementation {
    readonly name: string;
    readonly version: string;
    schema?(): string;
    checkConfig?(call: CheckCall): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
    configure?(config: Properties): Promise<void>;
    invoke?(call: InvokeCall): Promise<{ result: Properties; failures: CheckFailure[] }>;
    /** Makes a component for a program in any language; `engineAddress` is where the engine listens. */
    construct?(request: ConstructRequest, engineAddress: string): Promise<ConstructResponse>;
    /** The engine was interrupted: stop waiting, finish or roll back what runs. */
    cancel?(): void;
    close?(): Promise<void>;
}

/** Part of the work was done before it failed: the state is kept and the next deployment goes on from it. */
export class PartialFailure extends Error {
    constructor(
        message: string,
        readonly id: string,
        readonly inputs: Properties,
        readonly outputs: Properties,
    ) {
        super(message);
        this.name = "PartialFailure";
    }
}
