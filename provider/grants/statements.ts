/** The SQL behind the grants of the postgresql provider. Text only: nothing here connects. */
import pg from "pg";

/** Inputs of `postgresql:Grant`. */
export interface GrantInputs {
    role: string;
    database: string;
    schema?: string;
    objectType: "database" | "schema" | "table" | "sequence" | "function" | "procedure" | "routine";
    objects?: string[];
    privileges: string[];
    withGrantOption?: boolean;
}

/** Inputs of `postgresql:DefaultPrivileges`. */
export interface DefaultPrivilegesInputs {
    role: string;
    database: string;
    owner: string;
    schema?: string;
    objectType: "table" | "sequence" | "function" | "type" | "schema";
    privileges: string[];
    withGrantOption?: boolean;
}

const identifier = (name: string): string => pg.escapeIdentifier(name);

/** `PUBLIC` isn't a role and must not be quoted. */
function grantee(role: string): string {
    return role.toLowerCase() === "public" ? "PUBLIC" : identifier(role);
}

function target(grant: GrantInputs): string {
    const { objectType, database, schema = "public", objects = [] } = grant;
    if (objectType === "database") return `DATABASE ${identifier(database)}`;
    if (objectType === "schema") return `SCHEMA ${identifier(schema)}`;
    const word = objectType.toUpperCase();
    if (objects.length === 0) return `ALL ${word}S IN SCHEMA ${identifier(schema)}`;
    // Functions are given with their arguments: "area(double precision)".
    const named = objects.map((object) => {
        const [name = "", ...rest] = object.split("(");
        return `${identifier(schema)}.${identifier(name)}${rest.length > 0 ? `(${rest.join("(")}` : ""}`;
    });
    return `${word} ${named.join(", ")}`;
}

export function revokeStatement(grant: GrantInputs): string {
    return `REVOKE ALL PRIVILEGES ON ${target(grant)} FROM ${grantee(grant.role)}`;
}

export function grantStatement(grant: GrantInputs): string {
    const option = grant.withGrantOption === true ? " WITH GRANT OPTION" : "";
    return `GRANT ${grant.privileges.join(", ")} ON ${target(grant)} TO ${grantee(grant.role)}${option}`;
}

export function defaultPrivilegesStatements(inputs: DefaultPrivilegesInputs): { revoke: string; grant: string } {
    const scope = inputs.schema === undefined || inputs.schema === "" ? "" : ` IN SCHEMA ${identifier(inputs.schema)}`;
    const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(inputs.owner)}${scope}`;
    const objects = `${inputs.objectType.toUpperCase()}S`;
    const option = inputs.withGrantOption === true ? " WITH GRANT OPTION" : "";
    return {
        revoke: `${alter} REVOKE ALL ON ${objects} FROM ${grantee(inputs.role)}`,
        grant: `${alter} GRANT ${inputs.privileges.join(", ")} ON ${objects} TO ${grantee(inputs.role)}${option}`,
    };
}

/** Inputs of `postgresql:GrantRole`. */
export interface MembershipInputs {
    role: string;
    grantRole: string;
    withAdminOption?: boolean;
}

export function membershipStatement({ role, grantRole, withAdminOption }: MembershipInputs): string {
    const option = withAdminOption === true ? " WITH ADMIN OPTION" : "";
    return `GRANT ${identifier(grantRole)} TO ${identifier(role)}${option}`;
}
