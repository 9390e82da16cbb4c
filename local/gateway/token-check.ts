/** Whether a token opens a role, and what the service says when it doesn't. */
import { type JWTPayload, errors, jwtVerify } from "jose";
import type { TokenIssuer } from "../tokens/issuer";

/** A refusal as PostgreSQL's protocol carries it. */
export interface Refusal {
    code: string;
    message: string;
    hint?: string;
}

/** The mapping that a role's `pgaadauth-int` label holds. */
export interface LabelledRole {
    name: string;
    type: "user" | "group" | "service";
    objectId: string;
    tenantId: string;
    mfa: boolean;
}

/** Wordings: "Use Microsoft Entra ID for authentication with Azure Database for PostgreSQL" and reports of users. */
export async function checkToken(
    token: string,
    role: LabelledRole,
    issuer: TokenIssuer,
    audience: string,
): Promise<Refusal | undefined> {
    let claims: JWTPayload;
    try {
        ({ payload: claims } = await jwtVerify(token, issuer.keys));
    } catch (error) {
        if (error instanceof errors.JWTExpired) {
            return { code: "28000", message: "The access token has expired. Acquire a new token and try again." };
        }
        return {
            code: "28000",
            message: "An error occurred while validating the access token. Please acquire a new token and retry.",
        };
    }
    if (claims.aud !== audience) {
        return {
            code: "28000",
            message: `The access token doesn't have a valid audience claim. Acquire a new token for resource "${audience}".`,
        };
    }
    if (claims["tid"] !== role.tenantId || claims.iss !== issuer.issuerOf(role.tenantId))
        return passwordFailed(role.name);
    const objectId = claims["oid"];
    if (typeof objectId !== "string") {
        return {
            code: "28000",
            message: "The access token doesn't have a valid oid claim. Acquire a new token and try again.",
        };
    }
    return checkObject(role, objectId, claims);
}

/** What PostgreSQL says when it won't tell why. */
export function passwordFailed(user: string): Refusal {
    return { code: "28P01", message: `password authentication failed for user "${user}"` };
}

function checkObject(role: LabelledRole, objectId: string, claims: JWTPayload): Refusal | undefined {
    const isApplication = claims["idtyp"] === "app";
    switch (role.type) {
        case "group": {
            const groups = claims["groups"];
            if (Array.isArray(groups) && groups.includes(role.objectId)) return undefined;
            return {
                code: "28000",
                message: `Azure AD access token not valid for role ${role.name} (does not contain group ID ${role.objectId})`,
                hint: "Did you specify the correct user name and access token?",
            };
        }
        case "user":
            if (isApplication) {
                return {
                    code: "28000",
                    message:
                        `Microsoft Entra user token for role "${role.name}" is neither an ` +
                        "AAD_AUTH_TOKENTYPE_APP_USER or an AAD_AUTH_TOKENTYPE_APP_OBO token.",
                };
            }
            if (objectId !== role.objectId) return passwordFailed(role.name);
            break;
        case "service":
            if (!isApplication) {
                return {
                    code: "28000",
                    message: `Service principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role "${role.name}".`,
                };
            }
            if (objectId !== role.objectId && claims["appid"] !== role.objectId) {
                return {
                    code: "28000",
                    message:
                        `Service principal oid mismatch for role "${role.name}". The oid in the security label ` +
                        `[${role.objectId}] does not match the appid [${String(claims["appid"])}] or oid [${objectId}] in the token.`,
                };
            }
            break;
    }
    const methods = claims["amr"];
    if (role.mfa && !(Array.isArray(methods) && methods.includes("mfa"))) {
        // Unconfirmed wording.
        return { code: "28000", message: `The access token for role "${role.name}" doesn't have a valid mfa claim.` };
    }
    return undefined;
}
