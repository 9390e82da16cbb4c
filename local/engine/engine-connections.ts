/** How the SDK in this process connects to engines. */
import * as settings from "@pulumi/pulumi/runtime/settings";

/** What the SDK's clients are made with; its types leave it out. */
export const { grpcClientOptions } = settings as unknown as { grpcClientOptions: Record<string, unknown> };

/**
 * Lets no connection share what is known of an address: this process works with many engines, one after another, and a new
 * one may get the port of one that was killed, which would be taken for out of reach at once.
 */
export function keepConnectionsApart(): void {
    grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;
}
