import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../faults";

const serverName = /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/;
const databaseName = /^[A-Za-z_-][A-Za-z0-9_-]{0,62}$/;

/**
 * A server name for a component: its logical name and six characters that differ by organization, project and stack.
 * Server names are host names and therefore global, and the name must be known at preview because the host is computed
 * from it; a random suffix would be neither stable across previews nor known before the first deployment.
 */
export function defaultServerName(name: string, stack = currentStack()): string {
    const seed = [stack, name].join("/");
    const suffix = createHash("sha256").update(seed).digest("hex").slice(0, 6);
    const stem = name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 56)
        .replace(/-+$/, "");
    return stem === "" ? `postgresql-${suffix}` : `${stem}-${suffix}`;
}

/** The stack's full name. A program under test may have no organization. */
function currentStack(): string {
    let organization = "";
    try {
        organization = pulumi.getOrganization();
    } catch {
        // Pulumi's mocks have none unless the test gives one.
    }
    return [organization, pulumi.getProject(), pulumi.getStack()].join("/");
}

export function validateServerName(field: string, name: string): Fault[] {
    if (serverName.test(name)) return [];
    return [
        {
            field,
            given: name,
            allowed: "3 to 63 lower-case letters, digits and hyphens, neither first nor last a hyphen",
            fix: "Choose another name; it becomes the first label of the server's host name.",
        },
    ];
}

export function validateDatabaseName(field: string, name: string): Fault[] {
    if (["postgres", "azure_maintenance", "azure_sys"].includes(name)) {
        return [
            {
                field,
                given: name,
                allowed: "a name that the service doesn't use itself",
                fix: "Every server has this database already: name one of your own.",
            },
        ];
    }
    if (databaseName.test(name)) return [];
    return [
        {
            field,
            given: name,
            allowed: "1 to 63 letters, digits, hyphens and underscores, the first not a digit",
            fix: "Rename the database; the service refuses other names.",
        },
    ];
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function validateGuid(field: string, value: string, what: string): Fault[] {
    if (guid.test(value)) return [];
    return [
        {
            field,
            given: value,
            allowed: "a GUID such as 11111111-2222-3333-4444-555555555555",
            fix: `Give ${what}.`,
        },
    ];
}

/** PostgreSQL's limit for identifiers, in bytes of UTF-8 ("SQL Syntax: Identifiers and Key Words"). */
export const identifierBytes = 63;

/** Checks the name of a role that stands for an Entra object. */
export function validateRoleName(field: string, name: string): Fault[] {
    const bytes = Buffer.byteLength(name, "utf8");
    if (name.includes("\0")) {
        return [{ field, given: name, allowed: "text without the NUL character", fix: "Remove the NUL character." }];
    }
    if (bytes === 0 || bytes > identifierBytes) {
        return [
            {
                field,
                given: name,
                allowed: `1 to ${String(identifierBytes)} bytes of UTF-8 (this has ${String(bytes)})`,
                fix: "PostgreSQL would cut the name off silently. Give the object id and a shorter role name.",
            },
        ];
    }
    if (
        name.startsWith("pg_") ||
        ["azure_pg_admin", "azuresu", "replication", "none"].includes(name) ||
        // However it is written, the provider postgresql takes it for everybody.
        name.toLowerCase() === "public"
    ) {
        return [
            {
                field,
                given: name,
                allowed: "a name that neither PostgreSQL nor the service reserves",
                fix: "Choose another role name and give the object id.",
            },
        ];
    }
    return [];
}
