/**
 * Makes the component for programs in other languages: the engine hands over the arguments and where to register resources,
 * and gets the component's address and outputs. Source: "Pulumi Resource Provider Protocol", Construct.
 */
import * as pulumi from "@pulumi/pulumi";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { EntraPostgres, type EntraPostgresArgs } from "../../components/entra-postgres";
import { internals } from "./runtime";

const component = "entra-postgres:index:EntraPostgres";

/** @param engineAddress where the engine listens, which it said when it started this provider */
export async function construct(
    request: messages.ConstructRequest,
    engineAddress: string,
): Promise<messages.ConstructResponse> {
    const type = request.getType();
    if (type !== component) throw new Error(`entra-postgres has no component ${type}; it has ${component}.`);
    return internals.withLocalStorage(async () => {
        resetOptions(
            request.getProject(),
            request.getStack(),
            request.getParallel(),
            engineAddress,
            request.getMonitorendpoint(),
            request.getDryrun(),
            request.getOrganization(),
        );
        await internals.awaitFeatureSupport();
        pulumi.runtime.setAllConfig(
            Object.fromEntries(request.getConfigMap().entries()),
            request.getConfigsecretkeysList(),
        );
        const inputs = await internals.deserializeInputs(request.getInputs(), request.getInputdependenciesMap());
        const made = new EntraPostgres(request.getName(), inputs as unknown as EntraPostgresArgs, optionsOf(request));
        const response = new messages.ConstructResponse().setUrn(await resolved(made.urn));
        const [state] = await internals.serializeResourceProperties(`construct(${type})`, {
            host: made.host,
            connect: made.connect,
        });
        response.setState(Struct.fromJavaScript(state as Parameters<typeof Struct.fromJavaScript>[0]));
        await internals.waitForRPCs();
        return response;
    });
}

function optionsOf(request: messages.ConstructRequest): pulumi.ComponentResourceOptions {
    const parent = request.getParent();
    const providers = [...request.getProvidersMap().entries()].map(
        ([name, reference]) => [name, new pulumi.DependencyProviderResource(reference)] as const,
    );
    return {
        dependsOn: request.getDependenciesList().map((urn) => new pulumi.DependencyResource(urn)),
        aliases: request.getAliasesList().flatMap((alias) => (alias.hasUrn() ? [alias.getUrn()] : [])),
        providers: Object.fromEntries(providers),
        ...(parent !== "" && { parent: new pulumi.DependencyResource(parent) }),
        ...(request.getProtect() && { protect: true }),
        ...(request.getRetainondelete() && { retainOnDelete: true }),
    };
}

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}
