/** What a server's databases hold of principals and grants, to compare servers with each other. */
import { administrators, dana } from "../../local/directory/contoso";
import type { Deployment } from "./deployment";

/** Roles, labels, memberships and privileges, in words and in order. */
export async function catalogOf(deployment: Deployment, databases: readonly string[]): Promise<unknown[]> {
    const administer = (database: string, sql: string): Promise<unknown[]> =>
        deployment.query(dana, administrators.displayName, database, sql);
    const privileges = await Promise.all(
        databases.map((name) =>
            administer(
                name,
                `SELECT 'database' AS kind, datname::text AS name, a::text FROM pg_database, unnest(datacl) a WHERE datname = current_database()
                 UNION ALL SELECT 'schema', nspname, a::text FROM pg_namespace, unnest(nspacl) a WHERE nspname = 'public'
                 UNION ALL SELECT 'default', defaclobjtype::text, a::text FROM pg_default_acl, unnest(defaclacl) a ORDER BY 1, 2, 3`,
            ),
        ),
    );
    const roles = await administer(
        "postgres",
        `SELECT r.rolname, r.rolcanlogin, r.rolcreaterole, regexp_replace(l.label, 'aadauth.*', 'aadauth') AS label,
                ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid ORDER BY 1) AS member_of
           FROM pg_roles r JOIN pg_shseclabel l ON l.objoid = r.oid AND l.provider = 'pgaadauth-int' ORDER BY 1`,
    );
    return [roles, privileges];
}
