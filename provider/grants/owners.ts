/** The SQL that finds whose rights the administrator needs for grants. Text only: nothing here connects. */
import type { PlannedGrant } from "../../components/access/rights";

/**
 * Owners whose rights the administrator hasn't got: of all future objects that are meant, and, of what is there, those
 * that it may join. What it may not, such as the service's own, is left for PostgreSQL to judge.
 */
export function readOwnersToJoin(grants: readonly PlannedGrant[]): { name: string; text: string; values: string[][] } {
    const schemasOf = (...objectTypes: string[]): string[] =>
        grants.flatMap((grant) =>
            grant.kind === "Grant" && objectTypes.includes(grant.objectType) && grant.schema !== undefined
                ? [grant.schema]
                : [],
        );
    return {
        name: "owners-to-join",
        // Membership is asked for the few who own something: it takes long where there are many roles.
        text: `
            WITH meant AS MATERIALIZED (
                SELECT oid, true AS is_future FROM pg_roles WHERE rolname = ANY ($1)
                UNION SELECT relowner, false FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                       WHERE nspname = ANY ($2) AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                UNION SELECT proowner, false FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
                       WHERE nspname = ANY ($3)
                UNION SELECT nspowner, false FROM pg_namespace WHERE nspname = ANY ($4))
            SELECT DISTINCT r.rolname AS owner FROM meant JOIN pg_roles r ON r.oid = meant.oid
             WHERE NOT pg_has_role(meant.oid, 'USAGE')
               AND (is_future
                    OR CASE WHEN current_setting('server_version_num')::int >= 160000
                            THEN pg_has_role(meant.oid, 'MEMBER WITH ADMIN OPTION')
                            ELSE NOT r.rolsuper AND r.rolname !~ '^pg_'
                                 AND (SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user) END)`,
        values: [
            grants.flatMap((grant) => (grant.kind === "DefaultPrivileges" ? [grant.owner] : [])),
            ...[schemasOf("table", "sequence"), schemasOf("function"), schemasOf("schema")],
        ],
    };
}
