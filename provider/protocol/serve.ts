/** Serves a {@link ProviderImplementation} to the engine: Pulumi's provider protocol on gRPC. */
import { setMaxListeners } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as services from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as status from "@pulumi/pulumi/proto/status_pb";
import { visibleLines } from "../../components/visible";
import {
    type CheckFailure,
    type Difference,
    type DiffKind,
    PartialFailure,
    type Properties,
    type ProviderImplementation,
    type ResourceCall,
} from "./implementation";
import { secretKeys, unwrapped, wrapped } from "./secrets";

/** A provider that is being served on a loopback port. */
export interface ServedProvider {
    port: number;
    /** Stops at once. */
    close(): Promise<void>;
    /** Stops when the calls under way are answered. */
    finish(): Promise<void>;
}

/** Starts serving on a free loopback port. */
export async function serve(provider: ProviderImplementation): Promise<ServedProvider> {
    const server = new grpc.Server({
        "grpc.max_receive_message_length": 400 * 1024 * 1024,
        "grpc.max_send_message_length": 400 * 1024 * 1024,
    });
    server.addService(
        services.ResourceProviderService,
        handlers(provider) as unknown as grpc.UntypedServiceImplementation,
    );
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
            if (error) reject(error);
            else resolve(bound);
        });
    });
    return {
        port,
        close: async () => {
            server.forceShutdown();
            await provider.close?.();
        },
        finish: async () => {
            await new Promise<void>((resolve) => {
                server.tryShutdown(() => {
                    resolve();
                });
            });
            await provider.close?.();
        },
    };
}

type Unary<Request, Response> = (
    call: grpc.ServerUnaryCall<Request, Response>,
    callback: grpc.sendUnaryData<Response>,
) => void;

/** Turns an async function into a gRPC method; what it throws becomes the error that the engine prints. */
function unary<Request, Response>(answer: (request: Request) => Promise<Response>): Unary<Request, Response> {
    return (call, callback) => {
        answer(call.request).then(
            (response) => {
                callback(null, response);
            },
            (error: unknown) => {
                callback(toServiceError(error));
            },
        );
    };
}

function handlers(provider: ProviderImplementation): Record<string, unknown> {
    const cancellation = new AbortController();
    let engineAddress = "";
    // Components need secrets and outputs as they are; other calls unwrap secrets and wrap the same properties in the answer.
    const hasComponents = provider.construct !== undefined;
    // Every call under way listens, and the engine makes many at a time.
    setMaxListeners(0, cancellation.signal);

    function resource(request: { getUrn(): string; getType(): string; getName(): string }): ResourceCall {
        const urn = request.getUrn();
        return {
            urn,
            type: request.getType() || typeOf(urn),
            name: request.getName() || (urn.split("::").at(-1) ?? urn),
            signal: cancellation.signal,
        };
    }

    function checkCall(request: messages.CheckRequest) {
        return {
            ...resource(request),
            oldInputs: request.hasOlds() ? emptyAsUndefined(toProperties(request.getOlds())) : undefined,
            inputs: toProperties(request.getNews()),
        };
    }

    function checked(answer: { inputs: Properties; failures: CheckFailure[] }, given?: Struct): messages.CheckResponse {
        return new messages.CheckResponse()
            .setInputs(toStruct(answer.inputs, given))
            .setFailuresList(toFailures(answer.failures));
    }

    return {
        handshake: unary<messages.ProviderHandshakeRequest, messages.ProviderHandshakeResponse>((request) => {
            engineAddress = request.getEngineAddress();
            return Promise.resolve(
                new messages.ProviderHandshakeResponse()
                    .setAcceptSecrets(hasComponents)
                    .setAcceptOutputs(hasComponents),
            );
        }),
        attach: unary<plugin.PluginAttach, Empty>(() => Promise.resolve(new Empty())),
        getPluginInfo: unary<Empty, plugin.PluginInfo>(() =>
            Promise.resolve(new plugin.PluginInfo().setVersion(provider.version)),
        ),
        getSchema: unary<messages.GetSchemaRequest, messages.GetSchemaResponse>(() =>
            Promise.resolve(new messages.GetSchemaResponse().setSchema(provider.schema?.() ?? "{}")),
        ),
        checkConfig: unary<messages.CheckRequest, messages.CheckResponse>(async (request) => {
            const call = checkCall(request);
            return checked(
                (await provider.checkConfig?.(call)) ?? { inputs: call.inputs, failures: [] },
                request.getNews(),
            );
        }),
        diffConfig: unary<messages.DiffRequest, messages.DiffResponse>((request) =>
            // A provider's settings say how to reach a service, not what exists there: changing them replaces nothing.
            Promise.resolve(
                toDiffResponse({
                    changes: changedKeys(toProperties(request.getOldInputs()), toProperties(request.getNews())),
                }),
            ),
        ),
        configure: unary<messages.ConfigureRequest, messages.ConfigureResponse>(async (request) => {
            await provider.configure?.(toProperties(request.getArgs()));
            return new messages.ConfigureResponse().setSupportspreview(true);
        }),
        check: unary<messages.CheckRequest, messages.CheckResponse>(async (request) =>
            checked(await provider.check(checkCall(request)), request.getNews()),
        ),
        diff: unary<messages.DiffRequest, messages.DiffResponse>(async (request) =>
            toDiffResponse(
                await provider.diff({
                    ...resource(request),
                    id: request.getId(),
                    oldInputs: toProperties(request.getOldInputs()),
                    oldOutputs: toProperties(request.getOlds()),
                    inputs: toProperties(request.getNews()),
                }),
            ),
        ),
        create: unary<messages.CreateRequest, messages.CreateResponse>(async (request) => {
            const created = await provider.create({
                ...resource(request),
                inputs: toProperties(request.getProperties()),
                preview: request.getPreview(),
                timeoutSeconds: request.getTimeout(),
            });
            return new messages.CreateResponse()
                .setId(created.id)
                .setProperties(toStruct(created.outputs, request.getProperties()));
        }),
        read: unary<messages.ReadRequest, messages.ReadResponse>(async (request) => {
            const found = await provider.read({
                ...resource(request),
                id: request.getId(),
                inputs: toProperties(request.getInputs()),
                outputs: toProperties(request.getProperties()),
            });
            if (!found) return new messages.ReadResponse();
            return new messages.ReadResponse()
                .setId(found.id)
                .setInputs(toStruct(found.inputs, request.getInputs()))
                .setProperties(toStruct(found.outputs, request.getProperties()));
        }),
        update: unary<messages.UpdateRequest, messages.UpdateResponse>(async (request) => {
            const updated = await provider.update({
                ...resource(request),
                id: request.getId(),
                oldInputs: toProperties(request.getOldInputs()),
                oldOutputs: toProperties(request.getOlds()),
                inputs: toProperties(request.getNews()),
                preview: request.getPreview(),
                timeoutSeconds: request.getTimeout(),
            });
            return new messages.UpdateResponse().setProperties(toStruct(updated.outputs, request.getNews()));
        }),
        delete: unary<messages.DeleteRequest, Empty>(async (request) => {
            await provider.delete({
                ...resource(request),
                id: request.getId(),
                oldInputs: toProperties(request.getOldInputs()),
                outputs: toProperties(request.getProperties()),
                timeoutSeconds: request.getTimeout(),
            });
            return new Empty();
        }),
        construct: unary<messages.ConstructRequest, messages.ConstructResponse>(async (request) => {
            if (!provider.construct) throw new Error(`${provider.name} has no components`);
            return provider.construct(request, engineAddress);
        }),
        invoke: unary<messages.InvokeRequest, messages.InvokeResponse>(async (request) => {
            const token = request.getTok();
            if (!provider.invoke) throw new Error(`${provider.name} has no function ${token}`);
            const answer = await provider.invoke({ token, args: toProperties(request.getArgs()) });
            return new messages.InvokeResponse()
                .setReturn(toStruct(answer.result))
                .setFailuresList(toFailures(answer.failures));
        }),
        cancel: unary<Empty, Empty>(() => {
            cancellation.abort(new Error("the deployment was cancelled"));
            provider.cancel?.();
            return Promise.resolve(new Empty());
        }),
    };
}

/** Compares two sets of properties and names every key whose value differs. */
export function changedKeys(before: Properties, after: Properties): Record<string, DiffKind> {
    const changes: Record<string, DiffKind> = {};
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        const [old, now] = [before[key], after[key]];
        if (JSON.stringify(old) === JSON.stringify(now)) continue;
        changes[key] = old === undefined ? "add" : now === undefined ? "delete" : "update";
    }
    return changes;
}

const diffKinds: Record<DiffKind, messages.PropertyDiff.Kind> = {
    add: messages.PropertyDiff.Kind.ADD,
    delete: messages.PropertyDiff.Kind.DELETE,
    update: messages.PropertyDiff.Kind.UPDATE,
    "add-replace": messages.PropertyDiff.Kind.ADD_REPLACE,
    "delete-replace": messages.PropertyDiff.Kind.DELETE_REPLACE,
    "update-replace": messages.PropertyDiff.Kind.UPDATE_REPLACE,
};

function toDiffResponse(difference: Difference): messages.DiffResponse {
    const changed = Object.entries(difference.changes);
    const response = new messages.DiffResponse()
        .setChanges(
            changed.length > 0
                ? messages.DiffResponse.DiffChanges.DIFF_SOME
                : messages.DiffResponse.DiffChanges.DIFF_NONE,
        )
        .setDiffsList([...new Set(changed.map(([path]) => path.split(/[.[]/)[0] ?? path))])
        .setReplacesList(changed.filter(([, kind]) => kind.endsWith("-replace")).map(([path]) => path))
        .setStablesList(difference.stables ?? [])
        .setDeletebeforereplace(difference.deleteBeforeReplace ?? false)
        .setHasdetaileddiff(true);
    for (const [path, kind] of changed) {
        response
            .getDetaileddiffMap()
            .set(path, new messages.PropertyDiff().setKind(diffKinds[kind]).setInputdiff(true));
    }
    return response;
}

function toProperties(struct: Struct | undefined): Properties {
    return unwrapped(struct?.toJavaScript() ?? {}) as Properties;
}

/** What was secret in the request is secret in the answer. */
function toStruct(properties: Properties, given?: Struct): Struct {
    const answer = wrapped(properties, secretKeys(given?.toJavaScript() ?? {}));
    // A round trip through JSON drops undefined values, which the protocol has no word for.
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(answer)) as Parameters<typeof Struct.fromJavaScript>[0]);
}

function toFailures(failures: CheckFailure[]): messages.CheckFailure[] {
    return failures.map(({ property, reason }) =>
        new messages.CheckFailure().setProperty(property).setReason(visibleLines(reason)),
    );
}

function emptyAsUndefined(properties: Properties): Properties | undefined {
    return Object.keys(properties).length > 0 ? properties : undefined;
}

function typeOf(urn: string): string {
    return (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
}

function toServiceError(error: unknown): Partial<grpc.StatusObject> & { code: grpc.status } {
    // The engine prints it on a terminal as it is, and names of objects in a database may be anybody's.
    const message = visibleLines(error instanceof Error ? error.message : String(error));
    if (!(error instanceof PartialFailure)) return { code: grpc.status.UNKNOWN, details: message };
    const detail = new messages.ErrorResourceInitFailed()
        .setId(error.id)
        .setInputs(toStruct(error.inputs))
        .setProperties(toStruct(error.outputs))
        .setReasonsList([message]);
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const metadata = new grpc.Metadata();
    metadata.set(
        "grpc-status-details-bin",
        Buffer.from(
            new status.Status().setCode(grpc.status.UNKNOWN).setMessage(message).addDetails(any).serializeBinary(),
        ),
    );
    return { code: grpc.status.UNKNOWN, details: message, metadata };
}
