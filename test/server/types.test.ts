import { describe, expect, it } from "vitest";
import type { Authentication, EntraPostgresNetwork, FlexibleServerArgs, Storage } from "../../index";
import { validateFlexibleServer } from "../../components/server/flexible-server";

const server = {
    resourceGroupName: "orders",
    version: "17",
    sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
    authentication: { mode: "EntraOnly" },
    network: { mode: "PublicAccess" },
} as const satisfies FlexibleServerArgs;

describe("illegal states", () => {
    it("don't type-check: the compiler checks the comments in this file", () => {
        // @ts-expect-error a login goes with passwords only
        const login: Authentication = { mode: "EntraOnly", administratorLogin: "keeper" };
        // @ts-expect-error passwords need a login
        const noLogin: Authentication = { mode: "EntraAndPassword" };
        // @ts-expect-error no such size
        const size: Storage = { sizeGB: 33 };
        // @ts-expect-error Premium SSD v2 doesn't grow by itself
        const growing: Storage = { type: "PremiumV2_LRS", sizeGB: 64, iops: 3000, throughput: 125, autoGrow: true };
        const noStandby = {
            sku: { tier: "Burstable", name: "Standard_B2s" },
            highAvailability: { mode: "SameZone" },
        } as const;
        // @ts-expect-error Burstable has no high availability
        const burstable: FlexibleServerArgs = { ...server, ...noStandby };
        const other = { tier: "Burstable", name: "Standard_D2ds_v5" } as const;
        // @ts-expect-error a size of another tier
        const family: FlexibleServerArgs = { ...server, sku: other };
        // @ts-expect-error a delegated subnet needs its virtual network
        const subnet: EntraPostgresNetwork = { mode: "VirtualNetworkIntegration" };
        expect([login, noLogin, size, growing, family, subnet]).toHaveLength(6);
        expect(validateFlexibleServer(burstable).map(({ field }) => field)).toEqual(["highAvailability"]);
    });
});
