import * as pulumi from "@pulumi/pulumi";
import { Grant } from "@pulumi/postgresql/grant";
import type { Provider } from "@pulumi/postgresql/provider";
import type { PostgresqlVersion } from "../server/compute";
import { retryWhileBusy } from "../server/settling";
import type { ServerReference } from "../server/flexible-server";

/** The database in which everybody loses what PostgreSQL gives to everybody. */
export interface PublicRevocationArgs {
    /** The server on which the database is. */
    server: ServerReference;
    /** The database's name. */
    database: string;
    /** The roles that keep all rights on the database: the administrators. */
    keep: pulumi.Input<string>[];
    /** The provider by which the grants are made, as `postgresqlProvider` makes one. */
    provider: Provider;
    /** The server's major version: up to 14 more is taken away. */
    postgresqlVersion: PostgresqlVersion;
}

/**
 * Takes from `PUBLIC` what PostgreSQL gives to everybody: connecting to the database and making temporary tables, and in
 * version 14 making tables in schema `public`. Without it a principal of one database can connect to all of them.
 * One for a database. Source: PostgreSQL, "Privileges".
 */
export class PublicRevocation extends pulumi.ComponentResource {
    constructor(name: string, args: PublicRevocationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("entra-postgres:index:PublicRevocation", name, {}, opts);
        const hooks = { onError: [args.server.retryWhileBusy ?? retryWhileBusy(`${name}-public`)] };
        // Each grant depends itself on what the component depends on: an administrator's goes before the administrator.
        const after = (previous: pulumi.Resource | undefined): pulumi.CustomResourceOptions =>
            pulumi.mergeOptions(
                { dependsOn: opts?.dependsOn ?? [] },
                {
                    parent: this,
                    provider: args.provider,
                    dependsOn: previous ? [previous] : [],
                    hooks,
                    ...(args.server.deletedWith && { deletedWith: args.server.deletedWith }),
                },
            );
        let previous: pulumi.Resource | undefined;
        args.keep.forEach((role, index) => {
            previous = new Grant(
                `${name}-keep-${typeof role === "string" ? role : String(index)}`,
                {
                    role,
                    database: args.database,
                    objectType: "database",
                    privileges: ["CONNECT", "CREATE", "TEMPORARY"],
                },
                after(previous),
            );
        });
        previous = new Grant(
            `${name}-database`,
            { role: "public", database: args.database, objectType: "database", privileges: [] },
            after(previous),
        );
        if (args.postgresqlVersion === "14") {
            new Grant(
                `${name}-schema`,
                {
                    role: "public",
                    database: args.database,
                    objectType: "schema",
                    schema: "public",
                    privileges: ["USAGE"],
                },
                after(previous),
            );
        }
        this.registerOutputs();
    }
}
