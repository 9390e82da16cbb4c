import * as pulumi from "@pulumi/pulumi";
import { type Fault, plain, refuse } from "../faults";
import { type PrincipalType, principalTypes, validateObjectId } from "../server/entra-administrators";
import { validateRoleName } from "../server/names";

/** An Entra object and the role that stands for it. */
export interface EntraPrincipalArgs {
    /** The server's name, or its full host name. */
    serverName: pulumi.Input<string>;
    /**
     * The role's name in the database, case-sensitive and 1 to 63 bytes long. Without `objectId` it must be exactly the
     * object's name in Entra: the user principal name of a user (a guest's with `#EXT#`), the display name of the others.
     */
    name: pulumi.Input<string>;
    /** The kind of Entra object. A managed identity is a ServicePrincipal. */
    type: PrincipalType;
    /**
     * The object's id in Entra; of a service principal the object id of the enterprise application.
     * @default - the server looks the name up in the tenant, where it must be unique
     */
    objectId?: pulumi.Input<string>;
    /** A service principal's application (client) id, so that a mix-up with its object id is found. */
    applicationId?: pulumi.Input<string>;
    /**
     * Whether the principal becomes an administrator: it may create roles, databases and other Entra principals.
     * @default false
     */
    isAdmin?: pulumi.Input<boolean>;
    /**
     * Whether sign-in demands a token from multifactor authentication; not for service principals.
     * @default false
     */
    isMfa?: pulumi.Input<boolean>;
    /**
     * Whether the role itself may sign in. With group sync, a group's role that may not leaves sign-in to its members.
     * @default true
     */
    canLogin?: pulumi.Input<boolean>;
    /** The Entra administrator whose role the deployment signs in as. */
    signInAs: pulumi.Input<string>;
    /**
     * The role that takes over what the principal owns when it is deleted.
     * @default - deletion is refused while the principal owns objects
     */
    reassignOwnedTo?: pulumi.Input<string>;
    /**
     * What to do when the object id changes, because the Entra object was deleted and made again: `Refuse`, or `Relabel`,
     * which hands the role and all its privileges to the new object.
     * @default "Refuse"
     */
    onObjectIdChange?: pulumi.Input<"Refuse" | "Relabel">;
    /**
     * Whether a role that exists already and stands for the same Entra object is taken over.
     * @default true
     */
    adopt?: pulumi.Input<boolean>;
}

/** Checks a principal's arguments without registering anything. */
export function validateEntraPrincipal(args: EntraPrincipalArgs): Fault[] {
    const faults: Fault[] = [];
    const name = plain(args.name);
    if (name !== undefined) faults.push(...validateRoleName("name", name));
    if (!(principalTypes as readonly string[]).includes(args.type)) {
        faults.push({
            field: "type",
            given: args.type,
            allowed: principalTypes.join(", "),
            fix: "A managed identity is a ServicePrincipal.",
        });
    }
    faults.push(...validateObjectId(args));
    if (args.type === "ServicePrincipal" && plain(args.isMfa) === true) {
        faults.push({
            field: "isMfa",
            given: true,
            allowed: "false for a ServicePrincipal",
            fix: "Applications have no multifactor authentication.",
        });
    }
    return faults;
}

/**
 * A Microsoft Entra user, group, service principal or managed identity as a role of the server, made with
 * `pgaadauth_create_principal` or `pgaadauth_create_principal_with_oid`.
 * Source: "Manage Microsoft Entra roles in Azure Database for PostgreSQL".
 *
 * Import one that exists with the id `<server>/<role>`.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class EntraPrincipal extends pulumi.CustomResource {
    /** The role's name. */
    declare readonly name: pulumi.Output<string>;
    /** The id of the Entra object that the role stands for, as the server resolved it. */
    declare readonly objectId: pulumi.Output<string>;
    /** The tenant of the Entra object. */
    declare readonly tenantId: pulumi.Output<string>;
    /** The server's host name. */
    declare readonly host: pulumi.Output<string>;

    constructor(name: string, args: EntraPrincipalArgs, opts?: pulumi.CustomResourceOptions) {
        refuse("EntraPrincipal", name, validateEntraPrincipal(args));
        const { applicationId: _, ...inputs } = args;
        const outputs = { objectId: undefined, tenantId: undefined, host: undefined };
        super("entra-postgres:index:EntraPrincipal", name, { ...outputs, ...inputs }, opts);
    }
}
