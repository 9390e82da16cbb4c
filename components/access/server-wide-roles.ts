/** Roles that reach into every database: membership in one undoes what a grant in one database means. */
export const serverWideRoles = ["pg_read_all_data", "pg_write_all_data", "pg_maintain", "azure_pg_admin"];
