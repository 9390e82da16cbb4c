import type * as pulumi from "@pulumi/pulumi";
import { type Fault, plain } from "../faults";
import { validateGuid } from "./names";

/**
 * Only Microsoft Entra principals sign in; no password exists.
 * Source: "Microsoft Entra authentication with Azure Database for PostgreSQL".
 */
export interface EntraOnlyAuthentication {
    /** `EntraOnly`: tokens, no passwords. */
    mode: "EntraOnly";
    /**
     * The Entra tenant whose tokens the server accepts, a GUID.
     * @default - the tenant that the deployment is signed in to
     */
    tenantId?: pulumi.Input<string>;
    administratorLogin?: never;
    administratorPassword?: never;
}

/**
 * Entra principals and roles with passwords sign in. The login is fixed when the server is created: a server created
 * `EntraOnly` can't get one later without being replaced, so that change is refused.
 */
export interface EntraAndPasswordAuthentication {
    /** `EntraAndPassword`: tokens and passwords. */
    mode: "EntraAndPassword";
    /**
     * The Entra tenant whose tokens the server accepts, a GUID.
     * @default - the tenant that the deployment is signed in to
     */
    tenantId?: pulumi.Input<string>;
    /** The PostgreSQL administrator's name: 1 to 63 characters, not one of the service's reserved names. */
    administratorLogin: string;
    /**
     * Its password, 8 to 128 characters of three kinds (lower case, upper case, digits, others).
     * @default - a random one of 32 characters, kept as a secret in the stack's state
     */
    administratorPassword?: pulumi.Input<string>;
}

/** Who signs in. Switching between the two later is an update. */
export type Authentication = EntraOnlyAuthentication | EntraAndPasswordAuthentication;

const reservedLogins = ["azure_superuser", "azure_pg_admin", "admin", "administrator", "root", "guest", "public"];

export function validateAuthentication(authentication: Authentication): Fault[] {
    const faults: Fault[] = [];
    const mode: string = authentication.mode;
    if (mode !== "EntraOnly" && mode !== "EntraAndPassword") {
        faults.push({
            field: "mode",
            given: mode,
            allowed: "EntraOnly, EntraAndPassword",
            fix: "Entra sign-in is what this component is for; a server with passwords alone is not offered.",
        });
    }
    const tenantId = plain(authentication.tenantId);
    if (tenantId !== undefined) faults.push(...validateGuid("tenantId", tenantId, "the Entra tenant's id"));
    if (authentication.mode === "EntraOnly") {
        // A plain JavaScript caller, or a value spread from configuration, can get past the types.
        const { administratorLogin, administratorPassword } = authentication as {
            administratorLogin?: string;
            administratorPassword?: unknown;
        };
        if (administratorLogin !== undefined || administratorPassword !== undefined) {
            faults.push({
                field: administratorLogin === undefined ? "administratorPassword" : "administratorLogin",
                given: administratorLogin ?? "(secret)",
                allowed: "nothing when mode is EntraOnly",
                fix: "Remove it, or choose mode EntraAndPassword.",
            });
        }
    }
    if (authentication.mode === "EntraAndPassword") {
        const login: string | undefined = authentication.administratorLogin;
        if (
            typeof login !== "string" ||
            login === "" ||
            Buffer.byteLength(login) > 63 ||
            login.startsWith("pg_") ||
            reservedLogins.includes(login.toLowerCase())
        ) {
            faults.push({
                field: "administratorLogin",
                given: login,
                allowed: `1 to 63 bytes, not ${reservedLogins.join(", ")} and not beginning with pg_`,
                fix: "Choose a login of your own; it can't be changed later.",
            });
        }
        const password = plain(authentication.administratorPassword);
        if (password !== undefined && !isStrongPassword(password)) {
            faults.push({
                field: "administratorPassword",
                given: "(secret)",
                allowed: "8 to 128 characters of at least three kinds: lower case, upper case, digits, others",
                fix: "Give a stronger password, or leave it out to have one generated.",
            });
        }
    }
    return faults;
}

/** The service's own rule for the administrator's password. */
function isStrongPassword(password: string): boolean {
    const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
    return password.length >= 8 && password.length <= 128 && kinds >= 3;
}

/**
 * The server's `authConfig`. All three fields are always given: azure-native fills a missing `passwordAuth` with
 * "Enabled" and a missing `tenantId` with the empty string.
 */
export function authConfig(authentication: Authentication, tenantId: pulumi.Input<string>) {
    return {
        activeDirectoryAuth: "Enabled",
        passwordAuth: authentication.mode === "EntraAndPassword" ? "Enabled" : "Disabled",
        tenantId,
    };
}
