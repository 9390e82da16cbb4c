import type * as pulumi from "@pulumi/pulumi";
import { type Fault, plain } from "../faults";

/** A read replica of another server. Source: "Read replicas in Azure Database for PostgreSQL". */
export interface Replica {
    /** `Replica`: follows another server. */
    mode: "Replica";
    /** The ARM id of the server it follows. */
    sourceServerId: pulumi.Input<string>;
}

/** A copy of another server at a moment of the past. Source: "Backup and restore in Azure Database for PostgreSQL". */
export interface PointInTimeRestore {
    /** `PointInTimeRestore`: another server as it was at a moment. */
    mode: "PointInTimeRestore";
    /** The ARM id of the server to copy. */
    sourceServerId: pulumi.Input<string>;
    /** The moment in UTC, ISO 8601, within the source's backup retention. */
    pointInTimeUtc: string;
}

/** A copy of a server from its geo-redundant backup, in the paired region. */
export interface GeoRestore {
    /** `GeoRestore`: another region's server, from its backup. */
    mode: "GeoRestore";
    /** The ARM id of the server to copy. */
    sourceServerId: pulumi.Input<string>;
    /** The moment in UTC, ISO 8601. */
    pointInTimeUtc: string;
}

/** A dropped server brought back from the backup that the service keeps for five days; the name must be another. */
export interface ReviveDropped {
    /** `ReviveDropped`: a server that was dropped. */
    mode: "ReviveDropped";
    /** The ARM id that the dropped server had. */
    sourceServerId: pulumi.Input<string>;
    /** A moment in UTC, ISO 8601, before the server was dropped. */
    pointInTimeUtc: string;
}

/** Where a server's data come from, when it doesn't begin empty. Read when the server is created and ignored afterwards. */
export type Origin = Replica | PointInTimeRestore | GeoRestore | ReviveDropped;

const flexibleServerId =
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/[^/]+$/i;

export function validateOrigin(origin: Origin): Fault[] {
    const faults: Fault[] = [];
    if (!["Replica", "PointInTimeRestore", "GeoRestore", "ReviveDropped"].includes(origin.mode)) {
        faults.push({
            field: "mode",
            given: origin.mode,
            allowed: "Replica, PointInTimeRestore, GeoRestore, ReviveDropped",
            fix: "Leave origin out for an empty server.",
        });
    }
    const source = plain(origin.sourceServerId);
    if (source !== undefined && !flexibleServerId.test(source)) {
        faults.push({
            field: "sourceServerId",
            given: source,
            allowed: "the ARM id of a flexible server",
            fix: "Copy it from the source server's properties.",
        });
    }
    if (origin.mode !== "Replica") {
        const moment: string | undefined = origin.pointInTimeUtc;
        if (!isMoment(moment)) {
            faults.push({
                field: "pointInTimeUtc",
                given: moment,
                allowed: "a moment in UTC such as 2026-11-24T08:30:00Z",
                fix: "Give date, time and the letter Z.",
            });
        }
    }
    return faults;
}

function isMoment(text: string | undefined): boolean {
    return (
        text !== undefined &&
        /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(text) &&
        !Number.isNaN(Date.parse(text))
    );
}

export function originProperties(origin: Origin) {
    return {
        createMode: origin.mode,
        sourceServerResourceId: origin.sourceServerId,
        ...(origin.mode === "Replica" ? {} : { pointInTimeUTC: origin.pointInTimeUtc }),
    };
}
