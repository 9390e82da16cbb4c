import { UNKNOWN } from "../provider/protocol/implementation";
import type { ResourcePolicy } from "./policy";
import { at, isServer } from "./resources";

/** What the service keeps when nobody says anything. */
const serviceDefault = 7;

export const backups: ResourcePolicy = {
    name: "backups",
    demand: "A production server keeps its backups long enough.",
    reason: "A fault in the data is often found only after weeks.",
    source: "Backup and restore in Azure Database for PostgreSQL flexible server",
    level: "mandatory",
    production: true,
    limit: { name: "minimumDays", default: 14, description: "How many days of backups there must be, from 7 to 35." },
    judge(resource, minimum) {
        if (!isServer(resource)) return undefined;
        const days = at(resource, "backup", "backupRetentionDays") ?? serviceDefault;
        if (days === UNKNOWN || Number(days) >= minimum) return undefined;
        return `Backups are kept for ${String(Number(days))} days, less than ${String(minimum)}. Raise backup.backupRetentionDays.`;
    },
};
