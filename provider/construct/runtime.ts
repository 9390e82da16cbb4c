/** Parts of the SDK's runtime that its own server for components uses, and that its types leave out. */
import type { Inputs, Resource } from "@pulumi/pulumi";
import * as server from "@pulumi/pulumi/provider/server";
import * as rpc from "@pulumi/pulumi/runtime/rpc";
import * as settings from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";

interface Runtime {
    /** Runs work with a state of its own, apart from other programs in this process. */
    withLocalStorage<T>(work: () => Promise<T>): Promise<T>;
    awaitFeatureSupport(): Promise<void>;
    /** Waits until everything that was registered has reached the engine. */
    waitForRPCs(): Promise<void>;
    /** Arguments as the program gave them, with what isn't known yet as outputs. */
    deserializeInputs(inputs: unknown, dependencies: unknown): Promise<Inputs>;
    serializeResourceProperties(
        label: string,
        properties: Inputs,
    ): Promise<[Record<string, unknown>, Map<string, Set<Resource>>]>;
}

export const internals = { ...state, ...settings, ...server, ...rpc } as unknown as Runtime;
