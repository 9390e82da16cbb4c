import type { Fault } from "../faults";

/** Automatic backups. Source: "Backup and restore in Azure Database for PostgreSQL". */
export interface Backup {
    /**
     * Days that backups are kept, 7 to 35.
     * @default 7
     */
    retentionDays?: number;
    /**
     * Whether backups are copied to the paired region. Fixed when the server is created.
     * @default false
     */
    geoRedundant?: boolean;
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/**
 * The weekly hour in which the service may restart the server for maintenance, in UTC.
 * Source: "Scheduled maintenance in Azure Database for PostgreSQL".
 */
export interface MaintenanceWindow {
    /** The day in UTC, in English. */
    dayOfWeek: (typeof days)[number];
    /** 0 to 23. */
    startHour: number;
    /**
     * 0 to 59.
     * @default 0
     */
    startMinute?: number;
}

export function validateBackup(backup: Backup): Fault[] {
    const kept = backup.retentionDays ?? 7;
    if (Number.isInteger(kept) && kept >= 7 && kept <= 35) return [];
    return [
        {
            field: "retentionDays",
            given: kept,
            allowed: "a whole number from 7 to 35",
            fix: "Choose days in that range.",
        },
    ];
}

export function validateMaintenanceWindow(window: MaintenanceWindow): Fault[] {
    const faults: Fault[] = [];
    if (!days.includes(window.dayOfWeek)) {
        faults.push({ field: "dayOfWeek", given: window.dayOfWeek, allowed: days.join(", "), fix: "Name a day." });
    }
    const range = (field: "startHour" | "startMinute", highest: number): void => {
        const given = window[field] ?? 0;
        if (!Number.isInteger(given) || given < 0 || given > highest) {
            faults.push({
                field,
                given,
                allowed: `a whole number from 0 to ${String(highest)}`,
                fix: "The window is in UTC.",
            });
        }
    };
    range("startHour", 23);
    range("startMinute", 59);
    return faults;
}

export function backupProperties(backup: Backup | undefined) {
    return {
        backupRetentionDays: backup?.retentionDays ?? 7,
        geoRedundantBackup: backup?.geoRedundant === true ? "Enabled" : "Disabled",
    };
}

export function maintenanceWindowProperties(window: MaintenanceWindow) {
    return {
        customWindow: "Enabled",
        dayOfWeek: days.indexOf(window.dayOfWeek),
        startHour: window.startHour,
        startMinute: window.startMinute ?? 0,
    };
}
