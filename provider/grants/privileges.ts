/** The SQL that reads what a role really has. Text only: nothing here connects. */
import type { DefaultPrivilegesInputs, GrantInputs, MembershipInputs } from "./statements";

/** A query for the privileges of a role on each object that isn't an extension's: rows of (object, privileges). */
export function readGrant(grant: GrantInputs): { text: string; values: unknown[] } {
    const { role, database, schema = "public", objects = [] } = grant;
    const held = (acl: string): string =>
        `ARRAY(SELECT a.privilege_type::text FROM aclexplode(${acl}) a
                WHERE a.grantee = coalesce((SELECT oid FROM pg_roles WHERE rolname = $1), 0) ORDER BY 1) AS privileges`;
    const isOwn = (catalog: string, oid: string): string =>
        `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;
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
                          AND (cardinality($4::text[]) = 0 OR c.relname = ANY ($4))
                          AND ${isOwn("pg_class", "c.oid")} ORDER BY 1`,
                values: [role, schema, grant.objectType === "table" ? ["r", "p", "v", "m", "f"] : ["S"], objects],
            };
        default:
            return {
                text: `SELECT p.oid::regprocedure::text AS object, ${held("p.proacl")} FROM pg_proc p
                        WHERE p.pronamespace = to_regnamespace(quote_ident($2)) AND p.prokind = ANY ($3)
                          AND ${isOwn("pg_proc", "p.oid")} ORDER BY 1`,
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

/** A row if the role is a member. */
export function readMembership({ role, grantRole }: MembershipInputs): { text: string; values: unknown[] } {
    return {
        text: `SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
                WHERE r.rolname = $1 AND g.rolname = $2`,
        values: [role, grantRole],
    };
}

/** Of these roles, those that have privileges on anything in this database, or own something. */
export function readWhoHasAny(roles: readonly string[]): { name: string; text: string; values: unknown[] } {
    return {
        name: "who-has-any",
        text: `SELECT rolname AS role FROM pg_roles r
                WHERE rolname = ANY ($1)
                  AND EXISTS (SELECT FROM pg_shdepend
                               WHERE refclassid = 'pg_authid'::regclass AND refobjid = r.oid AND deptype IN ('a', 'o')
                                 AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))`,
        values: [roles],
    };
}
