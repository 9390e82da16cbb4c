import type { PlannedGrant } from "../../components/access/rights";
import { serverWideRoles } from "../../components/access/server-wide-roles";
import { isRoleName, isServerName } from "../principal/inputs";
import { type CheckFailure, type Properties, UNKNOWN, hasUnknown } from "../protocol/implementation";

/** The inputs of a `DatabaseAccess`, checked. */
export interface AccessInputs {
    serverName: string;
    database: string;
    /** The principal's role. */
    role: string;
    signInAs: string;
    grants: PlannedGrant[];
}

const known = ["serverName", "database", "role", "signInAs", "grants"];
const objectTypes = {
    Grant: ["database", "schema", "table", "sequence", "function"],
    DefaultPrivileges: ["table", "sequence", "function"],
};

/** Every fault of the inputs; what isn't known yet is none. */
export function checkAccess(given: Properties): CheckFailure[] {
    const failures: CheckFailure[] = [];
    const check = (property: string, allowed: string, accepts: (value: unknown) => boolean): void => {
        const value = given[property];
        if (value === UNKNOWN || accepts(value)) return;
        const shown = value === undefined ? "nothing" : JSON.stringify(value);
        failures.push({ property, reason: `${shown} was given; allowed: ${allowed}` });
    };
    check("serverName", "a server's name or host name", isServerName);
    check("database", "1 to 63 bytes without NUL", isIdentifier);
    for (const property of ["role", "signInAs"]) {
        check(property, "1 to 63 bytes of UTF-8 without NUL, no reserved name", isRoleName);
    }
    check(
        "grants",
        "a list of Grant, DefaultPrivileges and Membership, in roles that don't reach every database",
        (value) => hasUnknown(value) || (Array.isArray(value) && value.every(isGrant)),
    );
    for (const property of Object.keys(given)) {
        if (!known.includes(property))
            failures.push({ property, reason: `there is no such property; known: ${known.join(", ")}` });
    }
    return failures;
}

function isGrant(value: unknown): boolean {
    const grant = value as Partial<Record<string, unknown>> | null;
    const { kind, objectType, schema, objects, owner, privileges, grantRole } = grant ?? {};
    if (kind === "Membership") return isIdentifier(grantRole) && !serverWideRoles.includes(String(grantRole));
    if (kind !== "Grant" && kind !== "DefaultPrivileges") return false;
    return (
        objectTypes[kind].includes(String(objectType)) &&
        (objectType === "database" ? schema === undefined : isIdentifier(schema)) &&
        (kind === "Grant" ? owner === undefined : isIdentifier(owner)) &&
        (objects === undefined || (objectType === "table" && Array.isArray(objects) && objects.every(isIdentifier))) &&
        Array.isArray(privileges) &&
        // They stand in statements as they are.
        privileges.every((privilege) => typeof privilege === "string" && /^[A-Z]+$/.test(privilege))
    );
}

function isIdentifier(value: unknown): boolean {
    return typeof value === "string" && value !== "" && Buffer.byteLength(value) <= 63 && !value.includes("\0");
}

/** Reads inputs that were checked. */
export function readAccess(given: Properties): AccessInputs {
    const { serverName, database, role, signInAs, grants } = given as unknown as AccessInputs;
    return { serverName, database, role, signInAs, grants };
}

/** What a grant is about: two with the same place differ in privileges alone. */
export function placeOf(grant: PlannedGrant): string {
    return JSON.stringify(
        grant.kind === "Membership"
            ? [grant.kind, grant.grantRole]
            : [
                  ...[grant.kind, grant.objectType, grant.schema],
                  ...(grant.kind === "Grant" ? [[...(grant.objects ?? [])].sort()] : [grant.owner]),
              ],
    );
}
