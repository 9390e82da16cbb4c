/** Whether the role's label ties it to the object that signs in. */
import { type Finding, fault, passed } from "../findings";
import type { InsideRole } from "../inside";
import { type Claims, tenantsDiffer, whose } from "./token";

export function judgeLabel({ name, mapping }: InsideRole, claims: Claims): Finding {
    if (!mapping) return fault("LabelMissing", `"${name}" has no label.`);
    if (mapping.tenantId !== "" && claims.tenantId !== mapping.tenantId) {
        return fault("TokenOfAnotherTenant", tenantsDiffer(claims, mapping.tenantId));
    }
    const { objectId, isMfa } = mapping;
    switch (mapping.type) {
        case "group":
            break;
        case "user":
            if (claims.isApplication) {
                return fault("ApplicationOnUserRole", `"${name}" is a user's; the token is of ${whose(claims)}.`);
            }
            if (claims.objectId !== objectId) {
                const sameName = claims.userName?.toLowerCase() === name.toLowerCase();
                return sameName
                    ? fault(
                          "ObjectRecreated",
                          `The label of "${name}" holds ${objectId}, the token ${claims.objectId ?? "none"}.`,
                      )
                    : fault("RoleOfAnotherUser", `"${name}" isn't ${claims.userName ?? "the token's user"}.`);
            }
            break;
        case "service":
            if (!claims.isApplication) {
                return fault(
                    "UserOnApplicationRole",
                    `"${name}" is an application's; the token is of ${whose(claims)}.`,
                );
            }
            if (claims.objectId !== objectId && claims.applicationId !== objectId) {
                return fault(
                    "ObjectMismatch",
                    `The label of "${name}" holds ${objectId}; the token's oid is ${claims.objectId ?? "none"}, its appid ${claims.applicationId ?? "none"}.`,
                );
            }
    }
    if (isMfa && !claims.hasSecondFactor) return fault("MfaMissing", `The label of "${name}" asks for mfa.`);
    return passed(`stands for ${mapping.type} ${objectId}`);
}
