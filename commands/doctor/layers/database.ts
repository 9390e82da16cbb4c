/** Whether the database is there and lets the role in. */
import { type Finding, fault, passed } from "../findings";
import type { Inside, InsideRole } from "../inside";

export function judgeDatabase(database: string, { name, connectionLimit }: InsideRole, { databases }: Inside): Finding {
    const found = databases.find((each) => each.name === database);
    if (!found) {
        const known = databases.map((each) => `"${each.name}"`).join(", ");
        return fault("DatabaseMissing", `There is no database "${database}". There are ${known}.`);
    }
    if (!found.mayConnect) return fault("ConnectMissing", `"${name}" has no CONNECT on "${database}".`);
    if (connectionLimit === 0) return fault("ConnectionLimit", `"${name}" may have no connection.`);
    if (found.connectionLimit === 0) return fault("ConnectionLimit", `"${database}" takes no connection.`);
    return passed(`"${database}" lets "${name}" in`);
}
