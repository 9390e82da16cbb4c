import * as pulumi from "@pulumi/pulumi";
import { type Fault, plain, refuse } from "../faults";
import type { PostgresqlVersion } from "../server/compute";
import type { ServerReference } from "../server/flexible-server";
import { validateRoleName } from "../server/names";
import { type AccessRights, type PlannedGrant, planRights, validateRights } from "./rights";

/** One principal's rights in one database. */
export type DatabaseAccessArgs = AccessRights & {
    /** The server on which the database is. */
    server: ServerReference;
    /** The database's name. */
    database: string;
    /** The role that gets the rights: an `EntraPrincipal`'s name. */
    principal: pulumi.Input<string>;
    /** The Entra administrator whose role the deployment signs in as, and whose future objects are covered by default. */
    signInAs: string;
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
 * What one principal may do in one database, for what is there and for what is made later: given in one transaction, and
 * exactly as it says. Rights that the role has elsewhere aren't touched.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class DatabaseAccess extends pulumi.CustomResource {
    /** The grants, as they are made. */
    declare readonly grants: pulumi.Output<PlannedGrant[]>;

    constructor(name: string, args: DatabaseAccessArgs, opts?: pulumi.CustomResourceOptions) {
        refuse("DatabaseAccess", name, validateDatabaseAccess(args));
        const { server, database, principal, signInAs, postgresqlVersion = "16" } = args;
        const grants = planRights(args, { version: Number(postgresqlVersion), defaultOwner: signInAs });
        super(
            "entra-postgres:index:DatabaseAccess",
            name,
            { serverName: server.serverName, database, role: principal, signInAs, grants },
            pulumi.mergeOptions(server.deletedWith && { deletedWith: server.deletedWith }, opts),
        );
    }
}
