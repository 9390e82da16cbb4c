import * as pulumi from "@pulumi/pulumi";
import { Configuration } from "@pulumi/azure-native/dbforpostgresql/configuration";
import { type Fault, refuse, within } from "../faults";
import type { ServerReference } from "./flexible-server";

/** The parameters of a server. */
export interface ServerParametersArgs {
    /** The server they are set on. */
    server: ServerReference;
    /** Values by parameter name, as PostgreSQL writes them: `{ "log_min_duration_statement": "500" }`. */
    parameters: Record<string, string>;
}

/** The parameter that `groupSync` sets. Source: "Use Microsoft Entra ID for authentication with Azure Database for PostgreSQL". */
export const groupSyncParameter = "pgaadauth.enable_group_sync";

const parameterName = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/;

/**
 * Parameters that take effect at the server's next restart. The service doesn't restart by itself, and neither does this
 * package: that is a decision about an outage. Source: "Server parameters in Azure Database for PostgreSQL".
 */
const staticParameters = new Set([
    "autovacuum_freeze_max_age",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_worker_slots",
    "commit_timestamp_buffers",
    "cron.database_name",
    "cron.log_run",
    "cron.log_statement",
    "cron.max_running_jobs",
    "cron.timezone",
    "huge_pages",
    "io_max_concurrency",
    "io_method",
    "max_active_replication_origins",
    "max_connections",
    "max_locks_per_transaction",
    "max_logical_replication_workers",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "multixact_member_buffers",
    "multixact_offset_buffers",
    "notify_buffers",
    "pg_stat_statements.max",
    "serializable_buffers",
    "shared_buffers",
    "shared_preload_libraries",
    "subtransaction_buffers",
    "track_activity_query_size",
    "track_commit_timestamp",
    "transaction_buffers",
    "wal_buffers",
    "wal_level",
]);

export function validateParameters(parameters: Record<string, string>): Fault[] {
    return Object.entries(parameters).flatMap(([name, value]: [string, unknown]) => {
        const faults: Fault[] = [];
        if (!parameterName.test(name)) {
            faults.push({
                field: name,
                given: name,
                allowed: "a parameter's name in lower case",
                fix: "Use the name that the service lists.",
            });
        }
        if (typeof value !== "string") {
            faults.push({ field: name, given: value, allowed: "text", fix: `Write it as text: "${String(value)}".` });
        }
        return faults;
    });
}

/**
 * Server parameters, set one after another.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class ServerParameters extends pulumi.ComponentResource {
    constructor(name: string, args: ServerParametersArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("ServerParameters", name, within("parameters", validateParameters(args.parameters)));
        super("entra-postgres:index:ServerParameters", name, {}, opts);

        const { server } = args;
        let previous: pulumi.Resource | undefined;
        for (const [parameter, value] of Object.entries(args.parameters)) {
            previous = new Configuration(
                `${name}-${parameter}`,
                {
                    resourceGroupName: server.resourceGroupName,
                    serverName: server.serverName,
                    configurationName: parameter,
                    value,
                    // Without it the service ignores a value that equals its default.
                    source: "user-override",
                },
                {
                    parent: this,
                    dependsOn: previous ? [previous] : [],
                    ...(server.deletedWith && { deletedWith: server.deletedWith }),
                    ...(server.retryWhileBusy && { hooks: { onError: [server.retryWhileBusy] } }),
                },
            );
        }
        const waiting = Object.keys(args.parameters).filter((parameter) => staticParameters.has(parameter));
        if (waiting.length > 0) {
            void pulumi.log.info(
                `${waiting.join(", ")} of ${server.serverName} take effect when the server is next restarted.`,
                this,
            );
        }
        this.registerOutputs();
    }
}
