/** What a server's catalog says, in the same words as the oracle. */
import type { PostgresInstance } from "../local/postgresql/instance";

const rolesQuery = `
    SELECT format('role %s: %s%s%s', r.rolname,
                  CASE WHEN r.rolcanlogin THEN 'sign-in' ELSE 'no sign-in' END,
                  CASE WHEN r.rolcreaterole THEN ', creates roles' ELSE '' END,
                  CASE WHEN l.label IS NULL THEN ''
                       ELSE format(', %s %s',
                                   CASE substring(l.label FROM 'type=([a-z]+)')
                                       WHEN 'user' THEN 'User' WHEN 'group' THEN 'Group' ELSE 'ServicePrincipal' END,
                                   substring(l.label FROM 'oid=([0-9a-f-]+)')) END) AS line
      FROM pg_roles r LEFT JOIN pg_shseclabel l
        ON l.objoid = r.oid AND l.classoid = 'pg_authid'::regclass AND l.provider = 'pgaadauth-int'
     WHERE r.rolname !~ '^pg_' AND r.rolname NOT IN ('azuresu', 'azure_pg_admin')
    UNION ALL
    -- What the service itself grants isn't meant.
    SELECT format('%s is a member of %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid))
      FROM pg_auth_members m WHERE m.grantor <> 'azuresu'::regrole`;

const privilegesQuery = `
    WITH things AS (
        SELECT 'database' AS thing, datdba AS owner, coalesce(datacl, acldefault('d', datdba)) AS acl
          FROM pg_database WHERE datname = current_database()
        UNION ALL
        SELECT format('schema %s', nspname), nspowner, coalesce(nspacl, acldefault('n', nspowner))
          FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'
        UNION ALL
        SELECT format('%s %s.%s', CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, n.nspname, c.relname),
               c.relowner, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S') AND n.nspname !~ '^(pg_|information_schema$)'
        UNION ALL
        SELECT format('function %s.%s', n.nspname, p.proname), p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname !~ '^(pg_|information_schema$)'
        UNION ALL
        SELECT format('future %s of %s in %s',
                      CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                           ELSE d.defaclobjtype::text END,
                      pg_get_userbyid(d.defaclrole), coalesce(n.nspname, 'all schemas')),
               d.defaclrole, d.defaclacl
          FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace)
    SELECT format('%s: %s: %s %s', current_database(), thing,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END,
                  string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' (may pass it on)' ELSE '' END, ' '
                             ORDER BY a.privilege_type)) AS line
      FROM things, aclexplode(acl) a
     WHERE a.grantee <> owner
     GROUP BY thing, a.grantee`;

/** Every line that concerns principals, in order. */
export async function actualCatalog(instance: PostgresInstance): Promise<string[]> {
    const lines = async (database: string, sql: string): Promise<string[]> =>
        (await instance.query<{ line: string }>(database, sql)).rows.map(({ line }) => line);
    const { rows: databases } = await instance.query<{ datname: string }>(
        "postgres",
        "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname !~ '^(postgres|azure_)'",
    );
    const found = [await lines("postgres", rolesQuery)];
    for (const { datname } of databases) found.push(await lines(datname, privilegesQuery));
    return found.flat().sort();
}
