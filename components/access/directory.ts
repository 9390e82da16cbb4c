/** Look-ups in the Entra directory, through the azuread provider. */
import * as pulumi from "@pulumi/pulumi";
import { getGroup, getGroupOutput } from "@pulumi/azuread/getGroup";
import { getServicePrincipal, getServicePrincipalOutput } from "@pulumi/azuread/getServicePrincipal";
import { getUser, getUserOutput } from "@pulumi/azuread/getUser";
import { refuse } from "../faults";
import type { PrincipalType } from "../server/entra-administrators";

/**
 * The object id behind a name: a user principal name, a group's display name, or the display name of a service principal
 * or managed identity.
 */
export function findObjectId(
    type: PrincipalType,
    name: pulumi.Input<string>,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    switch (type) {
        case "User":
            return getUserOutput({ userPrincipalName: name }, { parent }).objectId;
        case "Group":
            return getGroupOutput({ displayName: name }, { parent }).objectId;
        case "ServicePrincipal":
            return getServicePrincipalOutput({ displayName: name }, { parent }).objectId;
    }
}

/** Passes an object id on once the directory knows it as an object of the type; names the mix-up when it doesn't. */
export function refuseApplicationId(
    principal: { type: PrincipalType; name: pulumi.Input<string> },
    objectId: pulumi.Input<string>,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    return pulumi.all([objectId, principal.name]).apply(async ([id, name]) => {
        if (await exists(principal.type, id, parent)) return id;
        const byApplicationId =
            principal.type === "ServicePrincipal"
                ? await getServicePrincipal({ clientId: id }, { parent }).catch(() => undefined)
                : undefined;
        refuse("EntraAdministrators", name, [
            {
                field: "objectId",
                given: id,
                allowed: `the object id of a ${principal.type}`,
                fix: byApplicationId
                    ? `This is the application (client) id of ${byApplicationId.displayName}: use ${byApplicationId.objectId}.`
                    : "The directory has no such object: look it up in the Entra admin center.",
            },
        ]);
        return id;
    });
}

async function exists(type: PrincipalType, objectId: string, parent: pulumi.Resource): Promise<boolean> {
    const lookup = {
        User: () => getUser({ objectId }, { parent }),
        Group: () => getGroup({ objectId }, { parent }),
        ServicePrincipal: () => getServicePrincipal({ objectId }, { parent }),
    }[type];
    return lookup().then(
        () => true,
        () => false,
    );
}
