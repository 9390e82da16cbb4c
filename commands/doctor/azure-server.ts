/** What Azure says of a server: the output of `az postgres flexible-server show`. */
import { z } from "zod";

const shape = z.object({
    state: z.string(),
    authConfig: z.object({ activeDirectoryAuth: z.string().optional(), tenantId: z.string().nullish() }).nullish(),
    network: z
        .object({ publicNetworkAccess: z.string().nullish(), delegatedSubnetResourceId: z.string().nullish() })
        .nullish(),
});

export interface AzureServer {
    /** Such as `Ready` or `Stopped`. */
    state: string;
    entraAuthentication: boolean | undefined;
    tenantId: string | undefined;
    /** Whether clients from the Internet may come; undefined for a server in a delegated subnet. */
    publicAccess: boolean | undefined;
}

/** Reads the JSON, with the properties beside or below `properties` as Resource Manager has them. */
export function readAzureServer(text: string): AzureServer {
    const given = JSON.parse(text) as { properties?: unknown } | null;
    const { state, authConfig, network } = shape.parse(given?.properties ?? given);
    return {
        state,
        entraAuthentication: isEnabled(authConfig?.activeDirectoryAuth),
        tenantId: authConfig?.tenantId ?? undefined,
        publicAccess: network?.delegatedSubnetResourceId ? undefined : isEnabled(network?.publicNetworkAccess),
    };
}

function isEnabled(value: string | null | undefined): boolean | undefined {
    return value === undefined || value === null ? undefined : value.toLowerCase() === "enabled";
}
