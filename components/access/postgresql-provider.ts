import type * as pulumi from "@pulumi/pulumi";
import * as postgresql from "@pulumi/postgresql/provider";
import { type Cloud, serverHost } from "../clouds";

/** The server that a provider of `@pulumi/postgresql` signs in to. */
export interface PostgresqlProviderArgs {
    /** The server's name; the host is computed from it, since a preview is ruined by a host that isn't known yet. */
    serverName: string;
    /** @default "Public" */
    cloud?: Cloud;
    /** The Entra administrator whose role the deployment signs in as. */
    signInAs: pulumi.Input<string>;
    /** The tenant to get tokens from. */
    tenantId: pulumi.Input<string>;
    /**
     * Where to connect instead, for a tunnel.
     * @default - the server's own host and port 5432
     */
    through?: { host: string; port: number };
}

/** What concerns one database comes one after another anyway. */
export const connectionsForGrants = 2;

/**
 * A provider for grants on a server: signs in with a token, verifies the server's certificate, and doesn't pretend to be a
 * superuser. In clouds other than the public one the provider can't get tokens by itself: put one in `PGPASSWORD`.
 */
export function postgresqlProvider(
    name: string,
    args: PostgresqlProviderArgs,
    opts?: pulumi.CustomResourceOptions,
): postgresql.Provider {
    const cloud = args.cloud ?? "Public";
    return new postgresql.Provider(
        name,
        {
            host: args.through?.host ?? serverHost(args.serverName, cloud),
            port: args.through?.port ?? 5432,
            username: args.signInAs,
            database: "postgres",
            sslmode: "verify-full",
            superuser: false,
            connectTimeout: 30,
            maxConnections: connectionsForGrants,
            ...(cloud === "Public" && { azureIdentityAuth: true, azureTenantId: args.tenantId }),
        },
        opts,
    );
}
