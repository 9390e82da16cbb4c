import { type RecordingOptions, record } from "../support/recording";

/** The ARM id of a network resource. */
export function id(path: string, resourceGroup: string, subscription = "11111111-2222-3333-4444-555555555555"): string {
    return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/${path}`;
}

/** A default route to a firewall. */
export const defaultRoute = {
    name: "to-firewall",
    addressPrefix: "0.0.0.0/0",
    nextHopType: "VirtualAppliance",
    nextHopIpAddress: "10.0.1.4",
};

/** Answers of an Azure in which a delegated subnet has a network security group and a route table. */
export function networkAnswers(
    network: { securityRules?: unknown[]; routes?: unknown[]; subnet?: Record<string, unknown> } = {},
): RecordingOptions {
    return {
        invoke: (token) => {
            switch (token) {
                case "azure-native:network:getSubnet":
                    return {
                        name: "postgresql",
                        addressPrefix: "10.0.4.0/28",
                        delegations: [{ serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
                        networkSecurityGroup: { id: id("networkSecurityGroups/team", "network") },
                        routeTable: { id: id("routeTables/team", "network") },
                        serviceEndpoints: [{ service: "Microsoft.Storage" }],
                        ...network.subnet,
                    };
                case "azure-native:network:getNetworkSecurityGroup":
                    return { name: "team", securityRules: network.securityRules ?? [] };
                case "azure-native:network:getRouteTable":
                    return { name: "team", routes: network.routes ?? [] };
                default:
                    return undefined;
            }
        },
    };
}

/**
 * The message with which a program fails. An output that fails is a rejection that nobody handles, which is how the engine
 * learns of it and stops the program; here it is caught in the engine's place.
 */
export async function failureOf(program: () => unknown, answers: RecordingOptions): Promise<string> {
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    const failed = new Promise<string>((resolve) => {
        process.on("unhandledRejection", (error) => {
            resolve((error as Error).message);
        });
    });
    const finished = record(program, answers).then(
        () => "",
        (error: unknown) => (error as Error).message,
    );
    try {
        // What waits for the failed resource waits for ever, so the first failure ends it, as in the engine.
        return await Promise.race([failed, finished]);
    } finally {
        await new Promise((resolve) => setTimeout(resolve, 50));
        process.removeAllListeners("unhandledRejection");
        for (const listener of listeners) process.on("unhandledRejection", listener);
    }
}
