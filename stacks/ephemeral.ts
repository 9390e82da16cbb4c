import type { Settings } from "./settings";

/**
 * What a stack that lives as long as a pull request has besides: a suffix in its global names, since Azure keeps the name of
 * a deleted server for a while, and tags that tell whoever clears up when its time is over.
 */
export function withLifetime({ ephemeral, ...settings }: Settings, stack: string) {
    if (!ephemeral) return settings;
    const { suffix, expires } = ephemeral;
    const tags = { stack, expires };
    return {
        ...settings,
        resourceGroup: { ...settings.resourceGroup, name: `${settings.resourceGroup.name}-${suffix}`, tags },
        server: {
            ...settings.server,
            serverName: `${settings.server.serverName ?? "orders-pr"}-${suffix}`,
            tags: { ...settings.server.tags, ...tags },
            protect: false,
        },
    };
}
