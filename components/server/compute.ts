import type { Fault } from "../faults";

/** Burstable compute: for development; without high availability and without PgBouncer. */
export interface BurstableSku {
    /** The compute tier, to which the size must belong. */
    tier: "Burstable";
    /** For example `Standard_B1ms` or `Standard_B2s`. */
    name: `Standard_B${string}`;
}

/** General purpose compute. */
export interface GeneralPurposeSku {
    /** The compute tier, to which the size must belong. */
    tier: "GeneralPurpose";
    /** For example `Standard_D2ds_v5`. */
    name: `Standard_D${string}`;
}

/** Memory optimized compute. */
export interface MemoryOptimizedSku {
    /** The compute tier, to which the size must belong. */
    tier: "MemoryOptimized";
    /** For example `Standard_E2ds_v5`. */
    name: `Standard_E${string}`;
}

/** Compute tier and size. Source: "Compute options in Azure Database for PostgreSQL". */
export type Sku = BurstableSku | GeneralPurposeSku | MemoryOptimizedSku;

/** The major versions of PostgreSQL that the service offers for new servers. */
export const postgresqlVersions = ["14", "15", "16", "17", "18"] as const;
/** The major versions that the service offers without extended support. */
export type PostgresqlVersion = (typeof postgresqlVersions)[number];

/** An availability zone of the region. */
export type AvailabilityZone = "1" | "2" | "3";

/**
 * A standby that takes over: in another zone (`ZoneRedundant`) or in the same one (`SameZone`). Not with Burstable.
 * Source: "High availability in Azure Database for PostgreSQL".
 */
export interface HighAvailability {
    /** Where the standby is. */
    mode: "ZoneRedundant" | "SameZone";
    /**
     * The standby's zone; only with `ZoneRedundant`. Used when the standby is created and left alone afterwards, since a
     * failover swaps the zones.
     * @default - the service chooses
     */
    standbyAvailabilityZone?: AvailabilityZone;
}

const familyOfTier: Record<Sku["tier"], string> = {
    Burstable: "Standard_B",
    GeneralPurpose: "Standard_D",
    MemoryOptimized: "Standard_E",
};

export function validateSku(sku: Sku): Fault[] {
    const family = (familyOfTier as Record<string, string | undefined>)[sku.tier];
    if (family === undefined) {
        return [
            {
                field: "tier",
                given: sku.tier,
                allowed: Object.keys(familyOfTier).join(", "),
                fix: "Name the tier as Azure does.",
            },
        ];
    }
    const size = sku.name.slice(family.length);
    if (sku.name.startsWith(family) && /^\d+[a-z]*(_v\d+)?$/.test(size)) return [];
    return [
        {
            field: "name",
            given: sku.name,
            allowed: `${family}<vCores>… in tier ${sku.tier}`,
            fix: `Choose a size of the tier, for example ${sku.tier === "Burstable" ? "Standard_B2s" : `${family}2ds_v5`}.`,
        },
    ];
}

export function validateVersion(version: string): Fault[] {
    if ((postgresqlVersions as readonly string[]).includes(version)) return [];
    return [
        {
            field: "version",
            given: version,
            allowed: postgresqlVersions.join(", "),
            fix: "Give the major version alone, as text.",
        },
    ];
}

export function validateAvailability(
    sku: Sku,
    availabilityZone: AvailabilityZone | undefined,
    highAvailability: HighAvailability | undefined,
): Fault[] {
    const faults: Fault[] = [];
    const zones = ["1", "2", "3"];
    if (availabilityZone !== undefined && !zones.includes(availabilityZone)) {
        faults.push({
            field: "availabilityZone",
            given: availabilityZone,
            allowed: zones.join(", "),
            fix: "Leave it out to let the service choose.",
        });
    }
    if (highAvailability === undefined) return faults;
    const { mode, standbyAvailabilityZone } = highAvailability;
    if (!["ZoneRedundant", "SameZone"].includes(mode)) {
        faults.push({
            field: "highAvailability.mode",
            given: mode,
            allowed: "ZoneRedundant, SameZone",
            fix: "Leave highAvailability out to have none.",
        });
    }
    if (sku.tier === "Burstable") {
        faults.push({
            field: "highAvailability",
            given: mode,
            allowed: "nothing in tier Burstable",
            fix: "Choose tier GeneralPurpose or MemoryOptimized, or leave highAvailability out.",
        });
    }
    if (standbyAvailabilityZone !== undefined) {
        if (!zones.includes(standbyAvailabilityZone) || mode === "SameZone") {
            faults.push({
                field: "highAvailability.standbyAvailabilityZone",
                given: standbyAvailabilityZone,
                allowed: mode === "SameZone" ? "nothing with mode SameZone" : zones.join(", "),
                fix: "Leave it out to let the service choose.",
            });
        } else if (standbyAvailabilityZone === availabilityZone) {
            faults.push({
                field: "highAvailability.standbyAvailabilityZone",
                given: standbyAvailabilityZone,
                allowed: "another zone than availabilityZone with mode ZoneRedundant",
                fix: "Choose different zones, or mode SameZone.",
            });
        }
    }
    return faults;
}
