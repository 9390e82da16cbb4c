import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AzureError } from "../../local/azure/errors";
import { alice, readers } from "../../local/directory/contoso";
import { changed } from "../../local/engine/local-stack";
import { Deployment, entraPostgres, smallest } from "../support/deployment";

let deployment: Deployment;

beforeEach(async () => {
    deployment = await Deployment.start();
});

afterEach(async () => {
    await deployment.stop();
});

const passwords = { mode: "EntraAndPassword", administratorLogin: "keeper" } as const;

describe("the server on the real engine", () => {
    it("switches the authentication mode in place, there and back, and keeps its login", async () => {
        await deployment.up(entraPostgres({ authentication: passwords }));
        await deployment.up(entraPostgres({ authentication: { mode: "EntraOnly" } }));
        expect(deployment.stepsOn("Server").map((step) => step.operation)).toEqual(["update"]);
        expect(deployment.server.properties).toMatchObject({
            administratorLogin: "keeper",
            authConfig: { passwordAuth: "Disabled" },
        });
        await deployment.up(entraPostgres({ authentication: passwords }));
        expect(deployment.stepsOn("Server").map((step) => step.operation)).toEqual(["update"]);
        expect(deployment.server.properties).toMatchObject({
            administratorLogin: "keeper",
            authConfig: { passwordAuth: "Enabled" },
        });
    }, 60_000);

    it("refuses at preview a login for a server made without one, and says why", async () => {
        await deployment.up(entraPostgres());
        await expect(deployment.preview(entraPostgres({ authentication: passwords }))).rejects.toThrow();
        expect(deployment.errors.join("\n")).toMatch(/adding one would replace this server and lose its data/);
        expect(deployment.stepsOn("Server")).toEqual([]);
    }, 60_000);

    it("refuses every change at once that the service would reject", async () => {
        const storage = { sizeGB: 128 } as const;
        await deployment.up(entraPostgres({ server: { ...smallest.server, storage } }));
        await expect(
            deployment.preview(
                entraPostgres({
                    server: {
                        ...smallest.server,
                        version: "16",
                        storage: { sizeGB: 64 },
                        backup: { geoRedundant: true },
                    },
                }),
            ),
        ).rejects.toThrow();
        const errors = deployment.errors.join("\n");
        for (const reason of ["Storage never shrinks", "version can't be lowered", "Geo-redundant backup is chosen"]) {
            expect(errors).toContain(reason);
        }
    }, 60_000);

    it("shows no change after a failover swapped the zones or the service enlarged the storage", async () => {
        const program = entraPostgres({
            server: {
                ...smallest.server,
                sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
                availabilityZone: "1",
                highAvailability: { mode: "ZoneRedundant", standbyAvailabilityZone: "2" },
                storage: { sizeGB: 128, autoGrow: true },
            },
        });
        await deployment.up(program);
        deployment.server.failover();
        deployment.server.growStorage(256);
        const quiet = await deployment.preview(program);
        expect(changed(quiet.changes), quiet.text).toBe(0);
        await deployment.refresh();
        const afterRefresh = await deployment.preview(program);
        expect(changed(afterRefresh.changes), afterRefresh.text).toBe(0);
    }, 60_000);

    it("is protected unless told otherwise: a mistaken destroy touches nothing at all", async () => {
        const access = [
            { principal: { type: "Group", name: readers.displayName }, database: "orders", profile: "Reader" },
        ] as const;
        const kept = entraPostgres({ server: { ...smallest.server, protect: true }, access: [...access] });
        await deployment.up(kept);
        await expect(deployment.destroy()).rejects.toThrow(
            /is protected, so neither it nor anything that belongs to it is deleted/,
        );
        expect(await deployment.query(alice, readers.displayName, "orders", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
        const quiet = await deployment.preview(kept);
        expect(changed(quiet.changes), quiet.text).toBe(0);

        await deployment.up(entraPostgres({ access: [...access] }));
        await deployment.destroy();
        expect(deployment.emulation.resourceManager.list("dbforpostgresql:Server")).toEqual([]);
    }, 60_000);

    it("tries again while the server is busy, which azure-native doesn't", async () => {
        const busy = new AzureError(409, "ServerIsBusy", "Cannot complete operation while server is busy.");
        deployment.emulation.resourceManager.failNext("dbforpostgresql:Database", "put", busy, 2);
        await deployment.up(entraPostgres());
        expect(deployment.warnings.join()).toContain("retrying create");
    }, 60_000);

    it("makes one thing after another: administrators before databases, firewall rules before principals", async () => {
        await deployment.up(
            entraPostgres({
                parameters: { work_mem: "8MB", log_min_duration_statement: "500" },
                databases: [{ name: "orders" }, { name: "billing" }],
                administrators: [
                    { type: "Group", name: "Prod DB Admins" },
                    { type: "User", name: "dana@contoso.com" },
                ],
            }),
        );
        const order = deployment.emulation.resourceManager.history.map(({ id }) => id.split("/").at(-2));
        expect(order).toEqual([
            "resourceGroups",
            "flexibleServers",
            ...["administrators", "administrators"],
            ...["configurations", "configurations"],
            ...["databases", "databases"],
            "firewallRules",
        ]);
    }, 60_000);

    it("keeps secrets out of the state, of what is printed and of errors", async () => {
        const password = "S3cret-given-by-hand";
        const program = entraPostgres({ authentication: { ...passwords, administratorPassword: password } });
        const texts = [(await deployment.up(program)).text, (await deployment.preview(program)).text];
        const refused = new AzureError(400, "Refused", "The password is refused.");
        deployment.emulation.resourceManager.failNext("dbforpostgresql:Server", "put", refused);
        const changed = { ...passwords, administratorPassword: `${password}-2` };
        await deployment
            .up(entraPostgres({ authentication: changed }))
            .catch((error: unknown) => texts.push(String(error)));
        texts.push(await deployment.stored(), ...deployment.errors, ...deployment.warnings);
        const { IDENTITY_HEADER: header = "" } = deployment.emulation.environment();
        const [token = ""] = (await deployment.emulation.issuer.issue(alice)).split(".");
        expect(texts.join("\n")).toContain("administratorLoginPassword");
        for (const secret of [password, header, token]) {
            expect(secret.length).toBeGreaterThan(8);
            expect(texts.join("\n")).not.toContain(secret);
        }
    }, 60_000);

    it("names the resource, the service's answer and the way on when something fails", async () => {
        const full = new AzureError(400, "LocationIsOfferRestricted", "The location is restricted.");
        deployment.emulation.resourceManager.failNext("dbforpostgresql:Server", "put", full);
        await expect(deployment.up(entraPostgres())).rejects.toThrow(/Server.*orders[\s\S]*LocationIsOfferRestricted/);
        await deployment.up(entraPostgres());
        expect(deployment.server.state).toBe("Ready");
    }, 60_000);

    it("lists every bad argument at once and creates nothing", async () => {
        await expect(
            deployment.up(
                entraPostgres({
                    server: { ...smallest.server, version: "9" as "17", storage: { sizeGB: 33 as 32 } },
                    administrators: [{ type: "User", name: "", objectId: "not-a-guid" }],
                    databases: [{ name: "1st" }],
                    access: [
                        { principal: { type: "Group", name: "G" }, database: "other", profile: "Admin" as "Reader" },
                    ],
                }),
            ),
        ).rejects.toThrow();
        const errors = deployment.errors.join("\n");
        for (const field of [
            "server.version",
            "server.storage.sizeGB",
            "administrators[0].name",
            "administrators[0].objectId",
            "databases[0].name",
            "access[0].profile",
            "access[0].database",
        ]) {
            expect(errors).toContain(`- ${field}:`);
        }
        expect(deployment.emulation.resourceManager.list("dbforpostgresql:Server")).toEqual([]);
    }, 60_000);
});
