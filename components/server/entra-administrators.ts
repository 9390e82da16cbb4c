import * as pulumi from "@pulumi/pulumi";
import { AdministratorsMicrosoftEntra } from "@pulumi/azure-native/dbforpostgresql/administratorsMicrosoftEntra";
import { getClientConfigOutput } from "@pulumi/azure-native/authorization/getClientConfig";
import { type Fault, checkInput, plain, refuse, within } from "../faults";
import { findObjectId, refuseApplicationId } from "../access/directory";
import type { ServerReference } from "./flexible-server";
import { validateGuid, validateRoleName } from "./names";

/** The kinds of Entra object that sign in. A managed identity is a service principal. */
export const principalTypes = ["User", "Group", "ServicePrincipal"] as const;
/** The kind of Entra object. A managed identity is a ServicePrincipal. */
export type PrincipalType = (typeof principalTypes)[number];

/** A Microsoft Entra administrator of the server. */
export interface EntraAdministrator {
    /** The kind of Entra object. A managed identity is a ServicePrincipal. */
    type: PrincipalType;
    /**
     * The role's name in the database, case-sensitive and 1 to 63 bytes long: a user's user principal name (a guest's with
     * `#EXT#`), a group's display name, a service principal's or managed identity's display name.
     */
    name: pulumi.Input<string>;
    /**
     * The object's id in Entra; of a service principal the object id of the enterprise application, not the application
     * (client) id.
     * @default - looked up by name in the directory, which needs the right to read it
     */
    objectId?: pulumi.Input<string>;
    /** A service principal's application (client) id, so that a mix-up with its object id is found. */
    applicationId?: pulumi.Input<string>;
    /**
     * What names the administrator in the stack's state. Needed when `name` is an output.
     * @default - the name
     */
    key?: string;
}

/** The administrators of a server, as a set. */
export interface EntraAdministratorsArgs {
    /** The server they administer. */
    server: ServerReference;
    /** At least one. A group lets people come and go without a deployment. */
    administrators: EntraAdministrator[];
    /**
     * The Entra tenant of the administrators, a GUID.
     * @default - the tenant that the deployment is signed in to
     */
    tenantId?: pulumi.Input<string>;
    /**
     * Whether given object ids are looked up in the directory, so that an application id or an object of another kind is
     * found at preview. Needs the right to read the directory.
     * @default false
     */
    verifyInDirectory?: boolean;
}

/** Checks administrators without registering anything; paths begin with the index. */
export function validateAdministrators(administrators: readonly EntraAdministrator[]): Fault[] {
    const faults: Fault[] = [];
    if (administrators.length === 0) {
        faults.push({
            field: "",
            given: [],
            allowed: "at least one administrator",
            fix: "Without an Entra administrator nobody can create other Entra principals: name a group.",
        });
    }
    const [keys, objectIds] = [new Map<string, number>(), new Map<string, number>()];
    administrators.forEach((administrator, index) => {
        const own: Fault[] = [];
        const name = plain(administrator.name);
        if (!(principalTypes as readonly string[]).includes(administrator.type)) {
            own.push({
                field: "type",
                given: administrator.type,
                allowed: principalTypes.join(", "),
                fix: "A managed identity is a ServicePrincipal.",
            });
        }
        if (name !== undefined) own.push(...validateRoleName("name", name));
        if (name === undefined && administrator.key === undefined) {
            own.push({
                field: "key",
                given: undefined,
                allowed: "text when name isn't known before the deployment",
                fix: "Give a key: it names the administrator in the stack's state.",
            });
        }
        own.push(...validateObjectId(administrator));
        faults.push(...within(`[${String(index)}]`, own));

        const duplicate = (
            field: string,
            seen: Map<string, number>,
            value: string | undefined,
            given: unknown,
        ): void => {
            if (value === undefined) return;
            const first = seen.get(value);
            if (first === undefined) seen.set(value, index);
            else {
                faults.push({
                    field: `[${String(index)}].${field}`,
                    given,
                    allowed: "each administrator once",
                    fix: `It is administrator [${String(first)}] already; the service hangs on a second registration.`,
                });
            }
        };
        const key = administrator.key ?? name;
        duplicate(administrator.key === undefined ? "name" : "key", keys, key, key);
        const objectId = plain(administrator.objectId);
        duplicate("objectId", objectIds, objectId?.toLowerCase(), objectId);
    });
    return faults;
}

/** Checks the object id of an administrator or principal as far as it is known. */
export function validateObjectId(principal: {
    type: string;
    objectId?: pulumi.Input<string>;
    applicationId?: pulumi.Input<string>;
}): Fault[] {
    const faults: Fault[] = [];
    const [objectId, applicationId] = [plain(principal.objectId), plain(principal.applicationId)];
    if (objectId !== undefined) faults.push(...validateGuid("objectId", objectId, "the object's id in Entra"));
    if (applicationId !== undefined) {
        faults.push(...validateGuid("applicationId", applicationId, "the application (client) id"));
        if (objectId?.toLowerCase() === applicationId.toLowerCase()) faults.push(applicationIdAsObjectId(objectId));
    }
    return faults;
}

function applicationIdAsObjectId(objectId: string | undefined): Fault {
    return {
        field: "objectId",
        given: objectId,
        allowed: "the object id of the service principal (enterprise application)",
        fix: "This is its application (client) id; sign-in would fail. Take the object id from Enterprise applications.",
    };
}

/**
 * The server's Microsoft Entra administrators, as a set: adding or removing one touches no other.
 * They are made one after another, since the service takes one operation at a time.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class EntraAdministrators extends pulumi.ComponentResource {
    /** Each administrator's object id by its key. */
    readonly objectIds: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: EntraAdministratorsArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("EntraAdministrators", name, within("administrators", validateAdministrators(args.administrators)));
        super("entra-postgres:index:EntraAdministrators", name, {}, opts);

        const { server, administrators } = args;
        const tenantId = args.tenantId ?? getClientConfigOutput({ parent: this }).tenantId;
        const objectIds: Record<string, pulumi.Output<string>> = {};
        let previous: pulumi.Resource | undefined;

        for (const administrator of administrators) {
            const key = administrator.key ?? plain(administrator.name) ?? "";
            const objectId = objectIdOf(administrator, this);
            objectIds[key] = objectId;
            previous = new AdministratorsMicrosoftEntra(
                `${name}-${key}`,
                {
                    resourceGroupName: server.resourceGroupName,
                    serverName: server.serverName,
                    objectId,
                    principalName: administrator.name,
                    principalType: administrator.type,
                    tenantId,
                },
                {
                    parent: this,
                    dependsOn: previous ? [previous] : [],
                    // The service refuses to update an administrator, and the new one has the same id as the old.
                    replaceOnChanges: ["principalName", "principalType", "tenantId"],
                    deleteBeforeReplace: true,
                    ...(server.deletedWith && { deletedWith: server.deletedWith }),
                    ...(server.retryWhileBusy && { hooks: { onError: [server.retryWhileBusy] } }),
                },
            );
        }
        this.objectIds = pulumi.all(objectIds).apply((known) => {
            refuseDuplicates(known);
            return known;
        });

        const [only] = administrators;
        if (administrators.length === 1 && only?.type === "User") {
            void pulumi.log.warn(
                `A single user is the only administrator of ${server.serverName}. Make a group administrator, so that ` +
                    "the server isn't lost with one account.",
                this,
            );
        }
        this.registerOutputs({ objectIds: this.objectIds });

        function objectIdOf(administrator: EntraAdministrator, parent: pulumi.Resource): pulumi.Output<string> {
            if (administrator.objectId === undefined) {
                return findObjectId(administrator.type, administrator.name, parent);
            }
            const { value } = checkInput("EntraAdministrators", name, administrator.objectId, (objectId) =>
                validateGuid("objectId", objectId, "the object's id in Entra"),
            );
            const objectId = pulumi.all([value ?? "", administrator.applicationId]).apply(([known, applicationId]) => {
                if (known.toLowerCase() === applicationId?.toLowerCase()) {
                    refuse("EntraAdministrators", name, [applicationIdAsObjectId(known)]);
                }
                return known.toLowerCase();
            });
            return args.verifyInDirectory === true ? refuseApplicationId(administrator, objectId, parent) : objectId;
        }

        function refuseDuplicates(known: Record<string, string>): void {
            const seen = new Map<string, string>();
            for (const [key, objectId] of Object.entries(known)) {
                const first = seen.get(objectId);
                if (first !== undefined) {
                    refuse("EntraAdministrators", name, [
                        {
                            field: `administrators "${key}"`,
                            given: objectId,
                            allowed: "each Entra object once",
                            fix: `"${first}" is the same object; the service hangs on a second registration.`,
                        },
                    ]);
                }
                seen.set(objectId, key);
            }
        }
    }
}
