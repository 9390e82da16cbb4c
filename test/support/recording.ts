/**
 * Runs a program without an engine and records every resource with its options, which Pulumi's own mocks drop.
 * Reaching inside the SDK is deliberate; `recording.test.ts` fails when the SDK moves what they use.
 */
import * as pulumi from "@pulumi/pulumi";
import * as rpc from "@pulumi/pulumi/runtime/rpc";
import type * as messages from "@pulumi/pulumi/proto/resource_pb";

export interface RecordedResource {
    urn: string;
    type: string;
    name: string;
    custom: boolean;
    /** Inputs as the engine would see them; secrets are unwrapped here and named in `secretInputs`. */
    inputs: Record<string, unknown>;
    secretInputs: string[];
    parent: string;
    provider: string;
    protect: boolean | undefined;
    dependsOn: string[];
    ignoreChanges: string[];
    replaceOnChanges: string[];
    deletedWith: string;
    retainOnDelete: boolean | undefined;
    additionalSecretOutputs: string[];
    hooks: { beforeCreate: string[]; afterCreate: string[]; afterUpdate: string[]; onError: string[] };
    aliases: number;
    customTimeouts: { create: string; update: string; delete: string } | undefined;
}

export interface Recording<T> {
    /** What the program returned. */
    result: T;
    resources: RecordedResource[];
    /** Functions called, with their arguments. */
    invokes: { token: string; args: Record<string, unknown> }[];
    /** Warnings and notes written through `pulumi.log`. */
    log: { severity: "info" | "warn" | "error"; message: string }[];
    /** Resources of a type. */
    ofType(type: string): RecordedResource[];
    /** The one resource of a type (and name); fails when there is none or more than one. */
    one(type: string, name?: string): RecordedResource;
}

export interface RecordingOptions {
    /** Imitate a first preview: ids and computed outputs are unknown. */
    preview?: boolean;
    project?: string;
    stack?: string;
    /** Outputs that a type's resources get besides their inputs. */
    outputs?: (type: string, name: string, inputs: Record<string, unknown>) => Record<string, unknown>;
    /** Answers to functions; a function without an answer fails the test. */
    invoke?: (token: string, args: Record<string, unknown>) => Record<string, unknown> | undefined;
}

/** What is used of the SDK's mock monitor, which it doesn't export. */
interface Monitor {
    newUrn(parent: string, type: string, name: string): string;
    registerResource(request: messages.RegisterResourceRequest, callback: (...args: unknown[]) => void): Promise<void>;
}

/** Runs a program against a recording monitor. */
export async function record<T>(program: () => T | Promise<T>, options: RecordingOptions = {}): Promise<Recording<T>> {
    const resources: RecordedResource[] = [];
    const invokes: Recording<T>["invokes"] = [];
    const log: Recording<T>["log"] = [];

    const mocks: pulumi.runtime.Mocks = {
        newResource: (args) => {
            const inputs = args.inputs as Record<string, unknown>;
            const state = { ...inputs, ...options.outputs?.(args.type, args.name, inputs) };
            return options.preview === true && args.custom !== false
                ? { id: undefined, state }
                : { id: `${args.name}-id`, state: { name: args.name, ...state } };
        },
        call: (args) => {
            const inputs = args.inputs as Record<string, unknown>;
            invokes.push({ token: args.token, args: inputs });
            const answer = options.invoke?.(args.token, inputs);
            if (!answer) throw new Error(`the test gives no answer to ${args.token}`);
            return answer;
        },
    };
    await pulumi.runtime.setMocks(
        mocks,
        options.project ?? "project",
        options.stack ?? "stack",
        options.preview ?? false,
    );

    const monitor = (pulumi.runtime as unknown as { getMonitor(): Monitor }).getMonitor();
    const register = monitor.registerResource.bind(monitor);
    Object.assign(monitor, {
        registerResource(request: messages.RegisterResourceRequest, callback: (...args: unknown[]) => void) {
            const urn = monitor.newUrn(request.getParent(), request.getType(), request.getName());
            const raw = request.getObject()?.toJavaScript() ?? {};
            const timeouts = request.getCustomtimeouts();
            const hooks = request.getHooks();
            if (request.getType() !== "pulumi:pulumi:Stack") {
                resources.push({
                    urn,
                    type: request.getType(),
                    name: request.getName(),
                    custom: request.getCustom(),
                    inputs: unwrap(raw) as Record<string, unknown>,
                    secretInputs: Object.keys(raw).filter((key) => holdsSecret(raw[key])),
                    parent: request.getParent(),
                    provider: request.getProvider(),
                    protect: request.getProtect(),
                    dependsOn: request.getDependenciesList(),
                    ignoreChanges: request.getIgnorechangesList(),
                    replaceOnChanges: request.getReplaceonchangesList(),
                    deletedWith: request.getDeletedwith(),
                    retainOnDelete: request.getRetainondelete(),
                    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
                    hooks: {
                        beforeCreate: hooks?.getBeforeCreateList() ?? [],
                        afterCreate: hooks?.getAfterCreateList() ?? [],
                        afterUpdate: hooks?.getAfterUpdateList() ?? [],
                        onError: hooks?.getOnErrorList() ?? [],
                    },
                    aliases: request.getAliasesList().length,
                    customTimeouts: timeouts && {
                        create: timeouts.getCreate(),
                        update: timeouts.getUpdate(),
                        delete: timeouts.getDelete(),
                    },
                });
            }
            return register(request, callback);
        },
        registerResourceHook(_request: unknown, callback: (error: null, response: unknown) => void) {
            callback(null, {});
        },
        registerErrorHook(_request: unknown, callback: (error: null, response: unknown) => void) {
            callback(null, {});
        },
    });

    const restore = captureLog(log);
    try {
        const result = await program();
        await settle();
        return {
            result,
            resources,
            invokes,
            log,
            ofType: (type) => resources.filter((resource) => resource.type === type),
            one: (type, name) => {
                const found = resources.filter((r) => r.type === type && (name === undefined || r.name === name));
                if (found.length === 1 && found[0]) return found[0];
                const all = resources.map((r) => `${r.type} ${r.name}`).join("\n");
                throw new Error(`${String(found.length)} resources of type ${type} ${name ?? ""}; recorded:\n${all}`);
            },
        };
    } finally {
        restore();
    }
}

/** The value of an output in a recorded program. */
export function valueOf<T>(output: pulumi.Input<T>): Promise<T> {
    return new Promise((resolve) => {
        pulumi.output(output).apply((value) => {
            resolve(value as T);
        });
    });
}

/** Waits until no registration is under way; one pass may start others. */
async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
    }
}

function captureLog<T>(log: Recording<T>["log"]): () => void {
    const original = { info: pulumi.log.info, warn: pulumi.log.warn, error: pulumi.log.error };
    for (const severity of ["info", "warn", "error"] as const) {
        Object.defineProperty(pulumi.log, severity, {
            configurable: true,
            writable: true,
            value: (message: string) => {
                log.push({ severity, message });
                return Promise.resolve();
            },
        });
    }
    return () => {
        for (const severity of ["info", "warn", "error"] as const) {
            Object.defineProperty(pulumi.log, severity, {
                configurable: true,
                writable: true,
                value: original[severity],
            });
        }
    };
}

function unwrap(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(unwrap);
    if (typeof value !== "object" || value === null) return value;
    const record = value as Record<string, unknown>;
    if (rpc.isRpcSecret(value)) return unwrap(record["value"]);
    return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, unwrap(inner)]));
}

function holdsSecret(value: unknown): boolean {
    if (Array.isArray(value)) return value.some(holdsSecret);
    if (typeof value !== "object" || value === null) return false;
    return rpc.isRpcSecret(value) || Object.values(value).some(holdsSecret);
}
