import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cloud, clouds } from "../../components/clouds";
import { delegatedZoneName, privateLinkZoneName, validateZoneName } from "../../components/network/zones";

const everyCloud = Object.keys(clouds) as Cloud[];

describe("zone names", () => {
    it.each(everyCloud)("that are built pass the check of the cloud %s, whatever the component is called", (cloud) => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme", maxLength: 90 }), (name) => {
                const zone = delegatedZoneName(name, cloud);
                expect(validateZoneName("name", zone, "VirtualNetworkIntegration", cloud)).toEqual([]);
            }),
        );
        expect(validateZoneName("name", privateLinkZoneName(cloud), "PrivateEndpoint", cloud)).toEqual([]);
    });

    const refused = (zone: string, serverName?: string, cloud?: Cloud): boolean =>
        validateZoneName("name", zone, "VirtualNetworkIntegration", cloud, serverName).length > 0;

    it("may have one label or two before the service's suffix", () => {
        expect(refused("orders.postgres.database.azure.com")).toBe(false);
        expect(refused("orders.private.postgres.database.azure.com")).toBe(false);
        expect(refused("a.b.c.postgres.database.azure.com")).toBe(true);
        expect(refused("postgres.database.azure.com")).toBe(true);
    });

    it("can't have the suffix that a well-known quickstart has", () => {
        expect(refused("orders.private.postgresql.database.azure.com")).toBe(true);
    });

    it("can't be just the server's own name", () => {
        expect(refused("orders.postgres.database.azure.com", "orders")).toBe(true);
        expect(refused("orders.private.postgres.database.azure.com", "orders")).toBe(false);
    });

    it("of one cloud are refused in another", () => {
        expect(refused("orders.postgres.database.azure.com", undefined, "USGovernment")).toBe(true);
        expect(refused("orders.postgres.database.usgovcloudapi.net", undefined, "USGovernment")).toBe(false);
        expect(refused("orders.postgres.database.chinacloudapi.cn", undefined, "China")).toBe(false);
    });

    it("of private endpoints and of delegated subnets aren't mixed up", () => {
        expect(refused("privatelink.postgres.database.azure.com")).toBe(true);
        expect(validateZoneName("name", "orders.postgres.database.azure.com", "PrivateEndpoint")).toHaveLength(1);
    });
});
