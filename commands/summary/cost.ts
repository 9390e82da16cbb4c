/** What changes the bill, and what a server can do for it. */
import { type Finding, at, postgresTypes, serverOf, shown } from "./findings";
import { code, enumerate } from "./markdown";
import type { Preview, Properties, Step } from "./preview";

/** Properties of a server that have a price, or that say how much of it survives a fault. */
const priced: [path: string, words: string, unit?: string][] = [
    ["sku.tier", "tier"],
    ["sku.name", "compute"],
    ["storage.storageSizeGB", "storage", "GiB"],
    ["storage.type", "kind of storage"],
    ["storage.tier", "storage tier"],
    ["storage.iops", "storage operations a second"],
    ["storage.throughput", "storage throughput", "MiB a second"],
    ["storage.autoGrow", "storage that grows by itself"],
    ["highAvailability.mode", "high availability"],
    ["backup.backupRetentionDays", "backups kept for", "days"],
    ["backup.geoRedundantBackup", "backups in another region"],
    ["version", "PostgreSQL version"],
];

export function cost({ steps }: Preview): Finding[] {
    return steps.flatMap((step): Finding[] => {
        if (step.type === "azure-native:network:PrivateEndpoint") {
            if (step.operation === "Create") return [{ text: `private endpoint ${code(step.name)} is new.` }];
            return step.operation === "Delete" ? [{ text: `private endpoint ${code(step.name)} goes.` }] : [];
        }
        return step.type === postgresTypes.server ? serverCost(step) : [];
    });
}

function serverCost(step: Step): Finding[] {
    switch (step.operation) {
        case "Create": {
            const isReplica = at(step.after, "createMode") === "Replica";
            const facts = priced.flatMap(([path, words, unit]) => {
                const value = at(step.after, path);
                return value === undefined || value === "Disabled"
                    ? []
                    : [`${words} ${shown(value)}${unit === undefined ? "" : ` ${unit}`}`];
            });
            return [{ text: `${isReplica ? "new replica" : "new"} ${serverOf(step)}: ${enumerate(facts)}.` }];
        }
        case "Delete":
            return [{ text: `${serverOf(step)} goes, with what it costs.` }];
        case "Update":
        case "Replace":
            return priced.flatMap(([path, words, unit]): Finding[] => {
                const [old, now] = [at(step.before, path), at(step.after, path)];
                if (old === now || now === undefined) return [];
                const details = consequence(path, step.before, step.after);
                return [
                    {
                        text: `${serverOf(step)}: ${words} ${shown(old)} → ${shown(now)}${unit === undefined ? "" : ` ${unit}`}.`,
                        ...(details.length > 0 && { details }),
                    },
                ];
            });
        default:
            return [];
    }
}

/** Source: "Compute options", "Storage options", "Major version upgrades" in Azure Database for PostgreSQL. */
function consequence(path: string, before: Properties, after: Properties): string[] {
    switch (path) {
        case "sku.name":
            return ["The server restarts."];
        case "storage.storageSizeGB":
            return ["Storage never shrinks: this can't be taken back."];
        case "version":
            return ["The server is away while it is upgraded, and there is no way back."];
        case "highAvailability.mode":
            return at(after, path) === "Disabled" ? ["The standby goes: a fault of the server is then an outage."] : [];
        case "backup.backupRetentionDays":
            return Number(at(after, path)) < Number(at(before, path))
                ? ["Older backups go: the server can't be restored to those days any more."]
                : [];
        default:
            return [];
    }
}
