/** Whether the role can use what is in the database. */
import type { ClientBase } from "pg";
import { type Finding, fault, passed } from "../findings";
import { nearest } from "../nearest";
import type { TablePrivilege } from "../table-privileges";

/** A table or view and what the session may do with it. */
export interface TableAccess {
    schema: string;
    name: string;
    /** USAGE on the schema. */
    usesSchema: boolean;
    hasPrivilege: boolean;
    /** Roles that have the privilege, and of which the session is a member without inheriting from them. */
    dormant: readonly string[];
}

export interface PrivilegeFacts {
    user: string;
    privilege: TablePrivilege;
    /** The one table that was asked about, as `schema.table` or `table`. */
    table: string | undefined;
    tables: readonly TableAccess[];
    /** Schemas on which the session has USAGE. */
    schemas: readonly string[];
}

// What the service itself owns is left out: nobody else is meant to use it.
const tablesQuery = `
    SELECT n.nspname::text AS schema, c.relname::text AS name,
           has_schema_privilege(n.oid, 'USAGE') AS uses_schema, has_table_privilege(c.oid, $1) AS has_privilege,
           ARRAY(SELECT g.rolname::text FROM pg_roles g
                  WHERE NOT has_table_privilege(c.oid, $1) AND pg_has_role(g.oid, 'MEMBER')
                    AND NOT pg_has_role(g.oid, 'USAGE') AND has_table_privilege(g.oid, c.oid, $1)) AS dormant
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT o.rolsuper
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     ORDER BY 1, 2`;

const schemasQuery = `
    SELECT nspname::text AS name FROM pg_namespace
     WHERE has_schema_privilege(oid, 'USAGE') AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1`;

export async function readPrivileges(
    client: ClientBase,
    asked: Pick<PrivilegeFacts, "user" | "privilege" | "table">,
): Promise<PrivilegeFacts> {
    const tables = await client.query<{
        schema: string;
        name: string;
        uses_schema: boolean;
        has_privilege: boolean;
        dormant: string[];
    }>(tablesQuery, [asked.privilege]);
    const schemas = await client.query<{ name: string }>(schemasQuery);
    return {
        ...asked,
        tables: tables.rows.map(({ schema, name, uses_schema, has_privilege, dormant }) => ({
            schema,
            name,
            usesSchema: uses_schema,
            hasPrivilege: has_privilege,
            dormant,
        })),
        schemas: schemas.rows.map(({ name }) => name),
    };
}

export function judgePrivileges(facts: PrivilegeFacts): Finding {
    const { user, privilege, table, tables, schemas } = facts;
    if (table !== undefined) return judgeTable(facts, table);
    if (schemas.length === 0) return fault("SchemaUsageMissing", `"${user}" may use no schema of this database.`);
    if (tables.length === 0) return passed("there are no tables yet");
    const usable = tables.filter(({ usesSchema }) => usesSchema);
    if (usable.length === 0) {
        const named = [...new Set(tables.map(({ schema }) => `"${schema}"`))].join(", ");
        return fault("SchemaUsageMissing", `"${user}" has no USAGE on ${named}, where the tables are.`);
    }
    const allowed = usable.filter(({ hasPrivilege }) => hasPrivilege);
    const [denied] = usable.filter(({ hasPrivilege }) => !hasPrivilege);
    if (allowed.length === 0 && denied) return lacking(user, privilege, denied, tables.length);
    const count = `${privilege} on ${String(allowed.length)} of ${String(tables.length)} tables`;
    return passed(denied ? `${count}, not on ${nameOf(denied)}` : count);
}

function judgeTable({ user, privilege, tables }: PrivilegeFacts, table: string): Finding {
    const found = tables.find((each) => nameOf(each) === table) ?? tables.find(({ name }) => name === table);
    if (!found) {
        const near = nearest(table, tables.map(nameOf));
        return fault(
            "TableMissing",
            `There is no table ${table} here.${near.length === 0 ? "" : ` Nearest: ${near.join(", ")}.`}`,
        );
    }
    if (!found.usesSchema) return fault("SchemaUsageMissing", `"${user}" has no USAGE on "${found.schema}".`);
    return found.hasPrivilege ? passed(`${privilege} on ${nameOf(found)}`) : lacking(user, privilege, found, 1);
}

function lacking(user: string, privilege: TablePrivilege, table: TableAccess, tables: number): Finding {
    const [group] = table.dormant;
    if (group !== undefined) {
        return fault(
            "RightsNotInherited",
            `"${group}" has ${privilege} on ${nameOf(table)}, and "${user}" is its member.`,
        );
    }
    return fault(
        "TablePrivilegeMissing",
        tables === 1
            ? `"${user}" has no ${privilege} on ${nameOf(table)}.`
            : `"${user}" has ${privilege} on none of ${String(tables)} tables, such as ${nameOf(table)}.`,
    );
}

function nameOf({ schema, name }: TableAccess): string {
    return `${schema}.${name}`;
}
