/** Rights in Azure and memberships in Entra, which lead to the database as well. */
import { type Finding, gainsAndLosses, lastPart, shown } from "../findings";
import type { Preview, Properties } from "../preview";

export function azureChanges({ steps }: Preview): Finding[] {
    return steps.flatMap((step): Finding[] => {
        const isAssignment = step.type === "azure-native:authorization:RoleAssignment";
        if (!isAssignment && step.type !== "azuread:index/groupMember:GroupMember") return [];
        const told = (inputs: Properties, gains: boolean): Finding => ({
            text: isAssignment
                ? `Entra object ${shown(inputs["principalId"])} **${gains ? "gains" : "loses"}** the Azure role ${shown(lastPart(inputs["roleDefinitionId"]))} on ${shown(inputs["scope"])}.`
                : `Entra object ${shown(inputs["memberObjectId"])} **${gains ? "joins" : "leaves"}** the group ${shown(inputs["groupObjectId"])}.`,
            ...(gains && { widensAccess: true }),
        });
        return gainsAndLosses(
            step,
            (inputs) => told(inputs, true),
            (inputs) => told(inputs, false),
        );
    });
}
