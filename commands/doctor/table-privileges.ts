/** What can be wanted on a table. Apart from what needs the database, so that help stays quick. */
export const tablePrivileges = ["SELECT", "INSERT", "UPDATE", "DELETE"] as const;
export type TablePrivilege = (typeof tablePrivileges)[number];
