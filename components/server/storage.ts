import type { Fault } from "../faults";

/** Sizes of Premium SSD storage that the service accepts, in GiB. */
export const storageSizes = [32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767] as const;
export type StorageSizeGB = (typeof storageSizes)[number];

/** Performance tiers of Premium SSD disks. */
export const performanceTiers = ["P4", "P6", "P10", "P15", "P20", "P30", "P40", "P50", "P60", "P70", "P80"] as const;
export type PerformanceTier = (typeof performanceTiers)[number];

/** Premium SSD. Source: "Storage options in Azure Database for PostgreSQL". */
export interface PremiumSsdStorage {
    /** `Premium_LRS`: Premium SSD, also when left out. */
    type?: "Premium_LRS";
    /** Size in GiB. Storage never shrinks. With `autoGrow` this is the size at creation. */
    sizeGB: StorageSizeGB;
    /**
     * Performance tier, at least the one that belongs to the size. Can be changed once in 12 hours.
     * @default - the tier that belongs to the size
     */
    tier?: PerformanceTier;
    /**
     * Whether the service enlarges the storage before it is full. The size is then left to the service.
     * @default false
     */
    autoGrow?: boolean;
}

/** Premium SSD v2, whose speed is bought apart from its size. Not with Burstable; doesn't grow by itself. */
export interface PremiumSsdV2Storage {
    /** `PremiumV2_LRS`: Premium SSD v2. */
    type: "PremiumV2_LRS";
    /** Size in GiB, 32 to 65536. Storage never shrinks. */
    sizeGB: number;
    /** Operations a second, 3000 to 80000. */
    iops: number;
    /** MiB a second, 125 to 1200. */
    throughput: number;
    autoGrow?: never;
    tier?: never;
}

/** The server's disk. It can grow and never shrinks. */
export type Storage = PremiumSsdStorage | PremiumSsdV2Storage;

/** The lowest and highest tier of each size. */
const tiersOfSize: Record<StorageSizeGB, readonly [PerformanceTier, PerformanceTier]> = {
    32: ["P4", "P50"],
    64: ["P6", "P50"],
    128: ["P10", "P50"],
    256: ["P15", "P50"],
    512: ["P20", "P50"],
    1024: ["P30", "P50"],
    2048: ["P40", "P50"],
    4095: ["P50", "P50"],
    4096: ["P50", "P50"],
    8192: ["P60", "P80"],
    16384: ["P70", "P80"],
    32767: ["P80", "P80"],
};

export function validateStorage(storage: Storage, computeTier: string): Fault[] {
    if (storage.type === "PremiumV2_LRS") return validatePremiumV2(storage, computeTier);
    const faults: Fault[] = [];
    const type: string | undefined = storage.type;
    if (type !== undefined && type !== "Premium_LRS") {
        return [
            {
                field: "type",
                given: type,
                allowed: "Premium_LRS, PremiumV2_LRS",
                fix: "Leave it out for Premium SSD.",
            },
        ];
    }
    const size: number = storage.sizeGB;
    if (!(storageSizes as readonly number[]).includes(size)) {
        const next = storageSizes.find((allowed) => allowed >= size) ?? 32767;
        faults.push({
            field: "sizeGB",
            given: size,
            allowed: storageSizes.join(", "),
            fix: `Use ${String(next)}.`,
        });
    } else if (storage.tier !== undefined) {
        const [lowest, highest] = tiersOfSize[storage.sizeGB];
        const rank = (tier: PerformanceTier): number => performanceTiers.indexOf(tier);
        if (rank(storage.tier) < rank(lowest) || rank(storage.tier) > rank(highest)) {
            faults.push({
                field: "tier",
                given: storage.tier,
                allowed: performanceTiers.slice(rank(lowest), rank(highest) + 1).join(", "),
                fix: `Leave it out for ${lowest}, the tier that belongs to ${String(size)} GiB.`,
            });
        }
    }
    return faults;
}

function validatePremiumV2(storage: PremiumSsdV2Storage, computeTier: string): Fault[] {
    const faults: Fault[] = [];
    const range = (field: "sizeGB" | "iops" | "throughput", low: number, high: number): void => {
        const given = storage[field];
        if (!Number.isInteger(given) || given < low || given > high) {
            faults.push({
                field,
                given,
                allowed: `a whole number from ${String(low)} to ${String(high)}`,
                fix: "Premium SSD v2 needs its size, iops and throughput.",
            });
        }
    };
    range("sizeGB", 32, 65536);
    range("iops", 3000, 80000);
    range("throughput", 125, 1200);
    if (computeTier === "Burstable") {
        faults.push({
            field: "type",
            given: storage.type,
            allowed: "Premium_LRS in tier Burstable",
            fix: "Use Premium SSD, or another compute tier.",
        });
    }
    const { autoGrow } = storage as { autoGrow?: boolean };
    if (autoGrow === true) {
        faults.push({
            field: "autoGrow",
            given: true,
            allowed: "nothing with PremiumV2_LRS",
            fix: "The service grows Premium SSD only.",
        });
    }
    return faults;
}

/** The server's `storage`. Premium SSD is given no iops: the service refuses them in an update. */
export function storageProperties(storage: Storage) {
    if (storage.type === "PremiumV2_LRS") {
        return {
            type: "PremiumV2_LRS",
            storageSizeGB: storage.sizeGB,
            iops: storage.iops,
            throughput: storage.throughput,
            autoGrow: "Disabled",
        };
    }
    return {
        storageSizeGB: storage.sizeGB,
        autoGrow: storage.autoGrow === true ? "Enabled" : "Disabled",
        ...(storage.tier === undefined ? {} : { tier: storage.tier }),
    };
}
