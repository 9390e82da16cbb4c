import {
    AzureCliCredential,
    DefaultAzureCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    type TokenCredential,
    WorkloadIdentityCredential,
} from "@azure/identity";
import { clouds } from "../../components/clouds";
import type { Configuration } from "../configuration";

/** Hands out tokens for the database, fresh ones near the end of the old one's life. */
export class TokenSource {
    #credential: TokenCredential | undefined;

    constructor(private readonly configuration: Configuration) {}

    /** A token for a new connection. The credential caches it for as long as it is good. */
    async token(): Promise<string> {
        this.#credential ??= credentialFor(this.configuration);
        const scope = clouds[this.configuration.cloud].tokenScope;
        try {
            return (await this.#credential.getToken(scope))?.token ?? "";
        } catch (error) {
            // The library's message names what it tried; it holds no token.
            const reason = error instanceof Error ? error.message : String(error);
            throw new Error(
                `No token for the database could be had (scope ${scope}, credential ${this.configuration.credential}): ${reason}\n` +
                    "Sign in with `az login`, or set entra-postgres:credential to what this machine has.",
            );
        }
    }
}

function credentialFor({ credential, cloud, tenantId, clientId }: Configuration): TokenCredential {
    const options = {
        authorityHost: `https://${clouds[cloud].authorityHost}`,
        ...(tenantId !== undefined && { tenantId }),
    };
    switch (credential) {
        case "AzureCli":
            return new AzureCliCredential(options);
        case "ManagedIdentity":
            return clientId === undefined
                ? new ManagedIdentityCredential()
                : new ManagedIdentityCredential({ clientId });
        case "WorkloadIdentity":
            return new WorkloadIdentityCredential({ ...options, ...(clientId !== undefined && { clientId }) });
        case "Environment":
            return new EnvironmentCredential(options);
        case "Default":
            return new DefaultAzureCredential({
                ...options,
                ...(clientId !== undefined && {
                    managedIdentityClientId: clientId,
                    workloadIdentityClientId: clientId,
                }),
            });
    }
}
