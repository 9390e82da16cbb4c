import { type CheckFailure, type Properties, UNKNOWN } from "../protocol/implementation";
import type { LabelType } from "./label";

/** The kinds of Entra object in Azure's words. */
export const principalTypes = ["User", "Group", "ServicePrincipal"] as const;
export type PrincipalType = (typeof principalTypes)[number];

/** The inputs of an `EntraPrincipal`, checked and with their defaults. */
export interface PrincipalInputs {
    serverName: string;
    name: string;
    type: PrincipalType;
    objectId: string | undefined;
    isAdmin: boolean;
    isMfa: boolean;
    canLogin: boolean;
    signInAs: string;
    reassignOwnedTo: string | undefined;
    onObjectIdChange: "Refuse" | "Relabel";
    adopt: boolean;
}

const labelTypes: Record<PrincipalType, LabelType> = { User: "user", Group: "group", ServicePrincipal: "service" };

export function labelTypeOf(type: PrincipalType): LabelType {
    return labelTypes[type];
}

export function principalTypeOf(type: LabelType): PrincipalType {
    return ({ user: "User", group: "Group", service: "ServicePrincipal" } as const)[type];
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const known = [
    ...["serverName", "name", "type", "objectId", "isAdmin", "isMfa", "canLogin", "signInAs"],
    ...["reassignOwnedTo", "onObjectIdChange", "adopt"],
];

/** Every fault of the inputs; what isn't known yet is none. */
export function checkPrincipal(given: Properties): CheckFailure[] {
    const failures: CheckFailure[] = [];
    const fail = (property: string, allowed: string): void => {
        const value = given[property];
        const shown = value === undefined ? "nothing" : JSON.stringify(value);
        failures.push({ property, reason: `${shown} was given; allowed: ${allowed}` });
    };
    const check = (
        property: string,
        required: boolean,
        allowed: string,
        accepts: (value: unknown) => boolean,
    ): void => {
        const value = given[property];
        if (value === UNKNOWN) return;
        if (value === undefined ? required : !accepts(value)) fail(property, allowed);
    };
    const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
    const isBoolean = (value: unknown): boolean => typeof value === "boolean";
    const role = "1 to 63 bytes of UTF-8 without NUL, no reserved name";

    check("serverName", true, "a server's name or host name", isServerName);
    check("name", true, role, isRoleName);
    check("signInAs", true, role, isRoleName);
    check("reassignOwnedTo", false, role, isRoleName);
    check("type", true, principalTypes.join(", "), (value) => (principalTypes as readonly unknown[]).includes(value));
    check("objectId", false, "a GUID", (value) => isText(value) && guid.test(value as string));
    for (const property of ["isAdmin", "isMfa", "canLogin", "adopt"]) check(property, false, "true, false", isBoolean);
    check("onObjectIdChange", false, "Refuse, Relabel", (value) => value === "Refuse" || value === "Relabel");
    if (given["type"] === "ServicePrincipal" && given["isMfa"] === true) {
        fail("isMfa", "false for a ServicePrincipal, which has no multifactor authentication");
    }
    for (const property of Object.keys(given)) {
        if (!known.includes(property))
            failures.push({ property, reason: `there is no such property; known: ${known.join(", ")}` });
    }
    return failures;
}

export function isServerName(value: unknown): boolean {
    return typeof value === "string" && /^[A-Za-z0-9.-]+$/.test(value);
}

/** PostgreSQL cuts longer names off in silence, and some are the service's own. */
export function isRoleName(value: unknown): boolean {
    return (
        typeof value === "string" &&
        value !== "" &&
        Buffer.byteLength(value, "utf8") <= 63 &&
        !value.includes("\0") &&
        value.isWellFormed() &&
        !value.startsWith("pg_") &&
        !["azure_pg_admin", "azuresu", "replication", "public", "none"].includes(value)
    );
}

/** Reads inputs that were checked. */
export function readPrincipal(given: Properties): PrincipalInputs {
    const text = (property: string): string | undefined =>
        typeof given[property] === "string" ? given[property] : undefined;
    return {
        serverName: text("serverName") ?? "",
        name: text("name") ?? "",
        type: text("type") as PrincipalType,
        objectId: text("objectId")?.toLowerCase(),
        isAdmin: given["isAdmin"] === true,
        isMfa: given["isMfa"] === true,
        canLogin: given["canLogin"] !== false,
        signInAs: text("signInAs") ?? "",
        reassignOwnedTo: text("reassignOwnedTo"),
        onObjectIdChange: given["onObjectIdChange"] === "Relabel" ? "Relabel" : "Refuse",
        adopt: given["adopt"] !== false,
    };
}
