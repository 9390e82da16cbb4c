import * as pulumi from "@pulumi/pulumi";
import { Database } from "@pulumi/azure-native/dbforpostgresql/database";
import { type Fault, refuse, within } from "../faults";
import type { ServerReference } from "./flexible-server";
import { validateDatabaseName } from "./names";

/** A database on the server. */
export interface DatabaseSettings {
    /** 1 to 63 letters, digits, hyphens and underscores, the first not a digit. */
    name: string;
    /**
     * The character set; fixed for life.
     * @default "UTF8"
     */
    charset?: string;
    /**
     * The collation; fixed for life.
     * @default "en_US.utf8"
     */
    collation?: string;
    /**
     * What everybody may do who has a role on the server: `Revoked` takes from `PUBLIC` the right to connect and to make
     * temporary tables, `Kept` leaves PostgreSQL's defaults. Acts in `EntraPostgres` only, which makes the grants.
     * @default "Revoked"
     */
    publicAccess?: "Revoked" | "Kept";
}

/** The databases of a server. */
export interface ServerDatabasesArgs {
    /** The server they are made on. Its administrators must exist before: they would not own the databases otherwise. */
    server: ServerReference;
    /** The databases, in the order in which they are made. */
    databases: DatabaseSettings[];
    /**
     * Whether the engine refuses to drop the databases until they are unprotected.
     * @default true
     */
    protect?: boolean;
}

export function validateDatabases(databases: readonly DatabaseSettings[]): Fault[] {
    const names = new Set<string>();
    return databases.flatMap((database, index) => {
        const faults = validateDatabaseName("name", database.name);
        if (names.has(database.name)) {
            faults.push({
                field: "name",
                given: database.name,
                allowed: "each name once",
                fix: "Remove one of the two.",
            });
        }
        names.add(database.name);
        return within(`[${String(index)}]`, faults);
    });
}

/**
 * Databases on a server, made one after another.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class ServerDatabases extends pulumi.ComponentResource {
    constructor(name: string, args: ServerDatabasesArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("ServerDatabases", name, within("databases", validateDatabases(args.databases)));
        super("entra-postgres:index:ServerDatabases", name, {}, opts);

        const { server } = args;
        let previous: pulumi.Resource | undefined;
        for (const database of args.databases) {
            previous = new Database(
                `${name}-${database.name}`,
                {
                    resourceGroupName: server.resourceGroupName,
                    serverName: server.serverName,
                    databaseName: database.name,
                    charset: database.charset ?? "UTF8",
                    collation: database.collation ?? "en_US.utf8",
                },
                {
                    parent: this,
                    dependsOn: previous ? [previous] : [],
                    protect: args.protect ?? true,
                    ...(server.deletedWith && { deletedWith: server.deletedWith }),
                    ...(server.retryWhileBusy && { hooks: { onError: [server.retryWhileBusy] } }),
                },
            );
        }
        this.registerOutputs();
    }
}
