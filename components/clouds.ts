/**
 * What differs between the clouds that offer Azure Database for PostgreSQL flexible server.
 *
 * Sources: "Azure Database for PostgreSQL networking with Private Link", "Use Microsoft Entra ID for authentication
 * with Azure Database for PostgreSQL", "Azure Government endpoints" and "Microsoft Azure operated by 21Vianet
 * endpoints" (Microsoft Learn).
 */
export interface CloudFacts {
    /** The name that `az cloud set --name` knows. */
    azureCliName: string;
    /** What follows the server's name in its host name. */
    hostSuffix: string;
    /** The zone of private endpoints; it can have no other name. */
    privateLinkZone: string;
    /** The scope of a token that a flexible server accepts. */
    tokenScope: string;
    /** The `aud` claim of such a token. */
    tokenAudience: string;
    /** The host that issues tokens. */
    authorityHost: string;
    /** The host that answers look-ups in the directory. */
    graphHost: string;
}

export const clouds = {
    Public: {
        azureCliName: "AzureCloud",
        hostSuffix: "postgres.database.azure.com",
        privateLinkZone: "privatelink.postgres.database.azure.com",
        tokenScope: "https://ossrdbms-aad.database.windows.net/.default",
        tokenAudience: "https://ossrdbms-aad.database.windows.net",
        authorityHost: "login.microsoftonline.com",
        graphHost: "graph.microsoft.com",
    },
    USGovernment: {
        azureCliName: "AzureUSGovernment",
        hostSuffix: "postgres.database.usgovcloudapi.net",
        privateLinkZone: "privatelink.postgres.database.usgovcloudapi.net",
        tokenScope: "https://ossrdbms-aad.database.usgovcloudapi.net/.default",
        tokenAudience: "https://ossrdbms-aad.database.usgovcloudapi.net",
        authorityHost: "login.microsoftonline.us",
        graphHost: "graph.microsoft.us",
    },
    China: {
        azureCliName: "AzureChinaCloud",
        hostSuffix: "postgres.database.chinacloudapi.cn",
        privateLinkZone: "privatelink.postgres.database.chinacloudapi.cn",
        tokenScope: "https://ossrdbms-aad.database.chinacloudapi.cn/.default",
        tokenAudience: "https://ossrdbms-aad.database.chinacloudapi.cn",
        authorityHost: "login.partner.microsoftonline.cn",
        graphHost: "microsoftgraph.chinacloudapi.cn",
    },
} as const satisfies Record<string, CloudFacts>;

/** A cloud by the name this package uses; the default everywhere is `Public`. */
export type Cloud = keyof typeof clouds;

/** The host name of a server, computed from its name alone so that a preview knows it. */
export function serverHost(serverName: string, cloud: Cloud = "Public"): string {
    return `${serverName}.${clouds[cloud].hostSuffix}`;
}

/** The host that a server's name stands for; a host name stands for itself. */
export function hostOf(server: string, cloud: Cloud): string {
    return server.includes(".") ? server : serverHost(server, cloud);
}
