import * as pulumi from "@pulumi/pulumi";
import { DefaultPrivileges } from "@pulumi/postgresql/defaultPrivileges";
import { Grant } from "@pulumi/postgresql/grant";
import { GrantRole } from "@pulumi/postgresql/grantRole";
import type { Provider } from "@pulumi/postgresql/provider";
import { type Fault, plain, refuse } from "../faults";
import type { PostgresqlVersion } from "../server/compute";
import type { ServerReference } from "../server/flexible-server";
import { retryWhileBusy } from "../server/settling";
import { validateRoleName } from "../server/names";
import { type AccessRights, type PlannedGrant, planRights, validateRights } from "./rights";

export type DatabaseAccessArgs = AccessRights & {
    /** The server on which the database is. */
    server: ServerReference;
    /** The database's name. */
    database: string;
    /** The role that gets the rights: an `EntraPrincipal`'s name. */
    principal: pulumi.Input<string>;
    /** The Entra administrator whose role the deployment signs in as, and whose future objects are covered by default. */
    signInAs: string;
    /** How to connect, from `postgresqlProvider`. */
    provider: Provider;
    /**
     * The server's major version, which decides what privileges there are.
     * @default "16" - what every supported version from 14 to 18 has
     */
    postgresqlVersion?: PostgresqlVersion;
};

/** Checks access without registering anything. */
export function validateDatabaseAccess(
    args: AccessRights & { principal: pulumi.Input<string>; database: string },
): Fault[] {
    const principal = plain(args.principal);
    return [
        ...(principal === undefined ? [] : validateRoleName("principal", principal)),
        ...(args.database === ""
            ? [{ field: "database", given: "", allowed: "a database's name", fix: "Name the database." }]
            : []),
        ...validateRights(args),
    ];
}

/**
 * What one principal may do in one database, for what is there and for what is made later. The grants are made one after
 * another: PostgreSQL refuses concurrent changes of one object's privileges. One that somebody else's change got in the
 * way of is tried again, as is one that finds the server restarting or full.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class DatabaseAccess extends pulumi.ComponentResource {
    /** The grants, as they are made. */
    readonly grants: PlannedGrant[];

    constructor(name: string, args: DatabaseAccessArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("DatabaseAccess", name, validateDatabaseAccess(args));
        super("entra-postgres:index:DatabaseAccess", name, {}, opts);

        this.grants = planRights(args, {
            version: Number(args.postgresqlVersion ?? "16"),
            defaultOwner: args.signInAs,
        });
        const hooks = { onError: [args.server.retryWhileBusy ?? retryWhileBusy(`${name}-access`)] };
        let previous: pulumi.Resource | undefined;
        for (const grant of this.grants) {
            // Each grant depends itself on what the component depends on, so that it also goes before that goes.
            previous = createGrant(
                grant,
                pulumi.mergeOptions(
                    { dependsOn: opts?.dependsOn ?? [] },
                    {
                        parent: this,
                        provider: args.provider,
                        dependsOn: previous ? [previous] : [],
                        hooks,
                        ...(args.server.deletedWith && { deletedWith: args.server.deletedWith }),
                    },
                ),
            );
        }
        this.registerOutputs();

        function createGrant(grant: PlannedGrant, options: pulumi.CustomResourceOptions): pulumi.Resource {
            const logicalName = `${name}-${grant.key}`;
            const common = { role: args.principal, database: args.database };
            switch (grant.kind) {
                case "Grant":
                    return new Grant(
                        logicalName,
                        {
                            ...common,
                            objectType: grant.objectType,
                            privileges: grant.privileges,
                            ...(grant.schema !== undefined && { schema: grant.schema }),
                            ...(grant.objects && { objects: grant.objects }),
                        },
                        options,
                    );
                case "DefaultPrivileges":
                    return new DefaultPrivileges(
                        logicalName,
                        {
                            ...common,
                            objectType: grant.objectType,
                            schema: grant.schema,
                            owner: grant.owner,
                            privileges: grant.privileges,
                        },
                        options,
                    );
                case "Membership":
                    return new GrantRole(logicalName, { role: args.principal, grantRole: grant.role }, options);
            }
        }
    }
}
