/** Programs without components: resources of any type, with inputs as they were recorded. */
import { CustomResource, type Inputs, ProviderResource, type Resource, secret } from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation";
import { nameOf, typeOf } from "../commands/urn";
import { signatureKey } from "../provider/protocol/secrets";

export interface BareResource {
    type: string;
    name: string;
    inputs: Inputs;
    /** URNs of this resource, and of those that it waits for. */
    urn?: string;
    dependencies?: string[];
    /** The URN of its provider, if that isn't the default one. */
    provider?: string;
}

class Bare extends CustomResource {}
class BareProvider extends ProviderResource {}

export function bareProgram(resources: readonly BareResource[]) {
    return (): Record<string, unknown> => {
        const made = new Map<string, Resource>();
        for (const { type, name, inputs, urn = "", dependencies = [], provider = "" } of resources) {
            const dependsOn = dependencies.flatMap((dependency) => made.get(dependency) ?? []);
            const ofPackage = /^pulumi:providers:(.+)$/.exec(type)?.[1];
            const explicit = made.get(provider);
            const resource =
                ofPackage === undefined
                    ? new Bare(type, name, inputs, {
                          dependsOn,
                          ...(explicit instanceof ProviderResource && { provider: explicit }),
                      })
                    : new BareProvider(ofPackage, name, inputs, { dependsOn });
            made.set(urn, resource);
        }
        return {};
    };
}

/** A resource as a stack's state has it. */
interface Recorded {
    urn: string;
    type: string;
    custom: boolean;
    external?: boolean;
    inputs?: Inputs;
    dependencies?: string[];
    parent?: string;
    provider?: string;
}

/** What a stack has deployed, in an order in which it can be made again. */
export async function bareResourcesOf(stack: Stack): Promise<BareResource[]> {
    const { resources } = (await stack.exportStack()).deployment as { resources: Recorded[] };
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    // What waits for something lets its children wait for that too.
    const dependenciesOf = (urn: string | undefined): string[] => {
        const { dependencies = [], parent } = byUrn.get(urn ?? "") ?? {};
        return [...dependencies, ...(parent === undefined ? [] : dependenciesOf(parent))];
    };
    return resources
        .filter(({ urn, custom, external }) => custom && external !== true && !isDefaultProvider(urn))
        .map(({ urn, type, inputs = {}, provider = "" }) => ({
            type,
            name: nameOf(urn),
            inputs: plain(inputs) as Inputs,
            urn,
            dependencies: dependenciesOf(urn),
            provider: provider.slice(0, provider.lastIndexOf("::")),
        }));
}

/** Those that the engine makes by itself. */
function isDefaultProvider(urn: string): boolean {
    return typeOf(urn).startsWith("pulumi:providers:") && nameOf(urn).startsWith("default");
}

/** Values as a program gives them: a state has secrets marked, and their text in JSON. */
function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    if (signatureKey in value && "plaintext" in value) return secret(JSON.parse(String(value.plaintext)));
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
