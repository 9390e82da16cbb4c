/** The SQL behind a grant: how to give it, and how to read what a role really has. */
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

/** A query for the privileges of a role on each object: rows of (object, privileges). */
export function readGrant(grant: GrantInputs): { text: string; values: unknown[] } {
    const { role, database, schema = "public", objects = [] } = grant;
    const held = (acl: string): string =>
        `ARRAY(SELECT a.privilege_type::text FROM aclexplode(${acl}) a
                WHERE a.grantee = coalesce((SELECT oid FROM pg_roles WHERE rolname = $1), 0) ORDER BY 1) AS privileges`;
    switch (grant.objectType) {
        case "database":
            return {
                text: `SELECT datname AS object, ${held("datacl")} FROM pg_database WHERE datname = $2`,
                values: [role, database],
            };
        case "schema":
            return {
                text: `SELECT nspname AS object, ${held("nspacl")} FROM pg_namespace WHERE nspname = $2`,
                values: [role, schema],
            };
        case "table":
        case "sequence":
            return {
                text: `SELECT c.relname AS object, ${held("c.relacl")} FROM pg_class c
                        WHERE c.relnamespace = to_regnamespace(quote_ident($2)) AND c.relkind = ANY ($3)
                          AND (cardinality($4::text[]) = 0 OR c.relname = ANY ($4)) ORDER BY 1`,
                values: [role, schema, grant.objectType === "table" ? ["r", "p", "v", "m", "f"] : ["S"], objects],
            };
        default:
            return {
                text: `SELECT p.oid::regprocedure::text AS object, ${held("p.proacl")} FROM pg_proc p
                        WHERE p.pronamespace = to_regnamespace(quote_ident($2)) AND p.prokind = ANY ($3) ORDER BY 1`,
                values: [
                    role,
                    schema,
                    { function: ["f", "a", "w"], procedure: ["p"], routine: ["f", "a", "w", "p"] }[grant.objectType],
                ],
            };
    }
}

export function readDefaultPrivileges(inputs: DefaultPrivilegesInputs): { text: string; values: unknown[] } {
    const letter = { table: "r", sequence: "S", function: "f", type: "T", schema: "n" }[inputs.objectType];
    return {
        text: `SELECT ARRAY(SELECT a.privilege_type::text FROM pg_default_acl d, aclexplode(d.defaclacl) a
                             WHERE d.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = $1)
                               AND d.defaclnamespace = CASE WHEN $2 = '' THEN 0::oid ELSE to_regnamespace(quote_ident($2))::oid END
                               AND d.defaclobjtype = $3
                               AND a.grantee = coalesce((SELECT oid FROM pg_roles WHERE rolname = $4), 0)
                             ORDER BY 1) AS privileges`,
        values: [inputs.owner, inputs.schema ?? "", letter, inputs.role],
    };
}
