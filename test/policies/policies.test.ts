import { version } from "../../package.json";
import pack from "../../policies/package.json";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../local/package-root";
import { policies } from "../../policies/all";
import { enforced, isOver, isProduction } from "../../policies/enforcement";
import { UNKNOWN } from "../../provider/protocol/implementation";
import { denyOutbound } from "../support/security-rules";

interface Made {
    type: string;
    props?: object;
    protect?: boolean;
    name?: string;
}

const server = (props: object = {}, protect = false): Made => ({
    type: "azure-native:dbforpostgresql:Server",
    props: { serverName: "orders", ...props },
    protect,
});
const firewall = (startIpAddress: string, endIpAddress: string): Made => ({
    type: "azure-native:dbforpostgresql:FirewallRule",
    props: { startIpAddress, endIpAddress },
});
const administrator = (principalType: string, principalName = "Dana"): Made => ({
    type: "azure-native:dbforpostgresql:AdministratorsMicrosoftEntra",
    props: { serverName: "orders", principalType, principalName },
});
const subnet: Made = {
    type: "azure-native:network:Subnet",
    props: {
        addressPrefix: "10.0.4.0/28",
        delegations: [{ serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
        networkSecurityGroup: { id: UNKNOWN },
    },
};
const rules = (...securityRules: object[]): Made => ({
    type: "azure-native:network:NetworkSecurityGroup",
    props: { securityRules },
});
const denyAll = denyOutbound("deny-all", 4000);
const toEntra = {
    ...denyAll,
    name: "entra",
    priority: 200,
    access: "Allow",
    destinationAddressPrefix: "AzureActiveDirectory",
};
const application = (env: object[]): Made => ({ type: "azure-native:app:ContainerApp", props: { env } });

/** What Pulumi hands over at preview: looking at what isn't known yet throws. */
function previewed(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const inner = Array.isArray(value)
        ? value.map(previewed)
        : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, previewed(each)]));
    return new Proxy(inner, {
        get(target, key) {
            const found = Reflect.get(target, key) as unknown;
            if (found === UNKNOWN) throw new Error("the value can't be known during preview");
            return found;
        },
    });
}

/** The messages of a policy on resources of a stack. */
async function messages(name: string, made: Made[], { stack = "prod", config = {} } = {}): Promise<string[]> {
    const wanted = policies.find((each) => each.name === name);
    if (!wanted) throw new Error(`there is no policy ${name}`);
    const policy = enforced(wanted);
    const found: string[] = [];
    const resources = made.map(({ type, props = {}, protect = false, name: own = "orders" }) => ({
        type,
        name: own,
        urn: `urn:pulumi:${stack}::shop::${type}::${own}`,
        props: previewed(props),
        opts: { protect },
        getConfig: () => config,
    }));
    const report = (message: string): void => void found.push(message);
    if ("validateStack" in policy) {
        await policy.validateStack({ resources, getConfig: () => config } as never, report);
    } else {
        for (const resource of resources) {
            const validate = (
                policy as { validateResource: (args: never, report: (message: string) => void) => unknown }
            ).validateResource;
            await validate(resource as never, report);
        }
    }
    return found;
}

const entraOn = { authConfig: { activeDirectoryAuth: "Enabled", passwordAuth: "Disabled" } };
const delegated = { network: { delegatedSubnetResourceId: UNKNOWN } };

describe("policies", () => {
    it.each<[string, string, Made[]]>([
        ["entra-authentication", "Entra authentication is off", [server()]],
        ["entra-authentication", "is off", [server({ authConfig: { activeDirectoryAuth: "Disabled" } })]],
        ["entra-authentication", "is off", [{ ...server(), type: "azure-native:dbforpostgresql/v20240801:Server" }]],
        ["no-passwords", "Password authentication is on", [server({ authConfig: { passwordAuth: "Enabled" } })]],
        ["no-passwords", "Password authentication is on", [server()]],
        ["no-wide-firewall", "everything in Azure", [firewall("0.0.0.0", "0.0.0.0")]],
        ["no-wide-firewall", "4,294,967,296 addresses", [firewall("0.0.0.0", "255.255.255.255")]],
        ["no-wide-firewall", "257 addresses", [firewall("203.0.113.0", "203.0.114.0")]],
        ["private-network", "The server is public", [server()]],
        ["private-network", "The server is public", [server({ network: { publicNetworkAccess: "Enabled" } })]],
        ["protected-data", "isn't protected", [server()]],
        ["protected-data", "isn't protected", [{ type: "azure-native:dbforpostgresql:Database" }]],
        ["backups", "kept for 7 days", [server()]],
        ["backups", "kept for 13 days", [server({ backup: { backupRetentionDays: 13 } })]],
        ["group-administrator", "No administrator of the server is a group", [server(), administrator("User")]],
        ["group-administrator", "No administrator of the server is a group", [server()]],
        ["no-sole-person", "the only administrator", [server(), administrator("User")]],
        [
            "administrators-administer",
            `sign in as "keeper"`,
            [server({ administratorLogin: "keeper" }), application([{ name: "PGUSER", value: "keeper" }])],
        ],
        [
            "administrators-administer",
            `sign in as "DB Admins"`,
            [
                server(),
                administrator("Group", "DB Admins"),
                application([
                    { name: "URL", value: "postgres://DB%20Admins@orders.postgres.database.azure.com/orders" },
                ]),
            ],
        ],
        [
            "administrators-administer",
            `sign in as "keeper"`,
            [
                server({ administratorLogin: "keeper" }),
                application([{ name: "ConnectionString", value: "Host=orders;User Id=keeper;Database=orders" }]),
            ],
        ],
        ["egress-to-entra", "deny-all", [subnet, rules(denyAll)]],
    ])("%s finds: %s", async (name, message, made) => {
        const found = await messages(name, made);
        expect(found).toHaveLength(1);
        expect(found[0]).toContain(message);
    });

    it.each<[string, Made[]]>([
        ["entra-authentication", [server(entraOn)]],
        ["entra-authentication", [server({ authConfig: { activeDirectoryAuth: UNKNOWN } })]],
        ["entra-authentication", [server({ authConfig: UNKNOWN })]],
        ["no-passwords", [server(entraOn)]],
        ["no-passwords", [server({ authConfig: { passwordAuth: UNKNOWN } })]],
        ["no-wide-firewall", [firewall("203.0.113.0", "203.0.113.255")]],
        ["no-wide-firewall", [firewall(UNKNOWN, "255.255.255.255")]],
        ["private-network", [server(delegated)]],
        ["private-network", [server({ network: { publicNetworkAccess: "Disabled" } })]],
        ["private-network", [server({ network: { publicNetworkAccess: UNKNOWN } })]],
        ["protected-data", [server({}, true), { type: "azure-native:storage:StorageAccount" }]],
        ["backups", [server({ backup: { backupRetentionDays: 14 } })]],
        ["backups", [server({ backup: { backupRetentionDays: UNKNOWN } })]],
        ["group-administrator", [server(), administrator("User"), administrator("Group")]],
        ["group-administrator", [server(), administrator(UNKNOWN)]],
        ["no-sole-person", [server(), administrator("Group")]],
        ["no-sole-person", [server(), administrator("User"), administrator("User", "Erin")]],
        ["no-sole-person", [server()]],
        [
            "administrators-administer",
            [
                server({ administratorLogin: "keeper" }),
                application([
                    { name: "PGUSER", value: "orders-api" },
                    { name: "TEAM", value: "keeper" },
                    { name: "URL", value: UNKNOWN },
                ]),
            ],
        ],
        ["egress-to-entra", [subnet, rules(toEntra, denyAll)]],
        ["egress-to-entra", [{ ...subnet, props: { addressPrefix: UNKNOWN } }]],
    ])("%s finds nothing where nothing is wrong, or isn't known yet", async (name, made) => {
        expect(await messages(name, made)).toEqual([]);
    });

    it("leave stacks that aren't production alone where they are meant for it", async () => {
        expect(await messages("no-passwords", [server()], { stack: "dev" })).toEqual([]);
        expect(
            await messages("no-passwords", [server()], { stack: "live", config: { productionStacks: ["live"] } }),
        ).toHaveLength(1);
        expect(isProduction("acme/prod-west", ["prod"])).toBe(true);
        expect(isProduction("products", ["prod"])).toBe(false);
    });

    it("except a resource with a reason, until the day that was said", async () => {
        const except = (until?: string) => ({
            config: {
                exceptions: [{ resource: "orders", reason: "migration of the old clients", ...(until && { until }) }],
            },
        });
        expect(await messages("no-passwords", [server()], except())).toEqual([]);
        expect(await messages("no-passwords", [server()], except("2999-01-01"))).toEqual([]);
        const [over = ""] = await messages("no-passwords", [server()], except("2020-01-01"));
        expect(over).toMatch(/exception for it \(migration of the old clients\) ended on 2020-01-01/);
        expect(await messages("no-passwords", [{ ...server(), name: "billing" }], except())).toHaveLength(1);
        expect(isOver({ resource: "", reason: "", until: "2026-03-01" }, new Date("2026-03-01T23:00:00Z"))).toBe(false);
    });

    it("take their limits from the configuration", async () => {
        expect(await messages("backups", [server()], { config: { minimumDays: 7 } })).toEqual([]);
        expect(
            await messages("no-wide-firewall", [firewall("203.0.113.0", "203.0.113.1")], {
                config: { maximumAddresses: 1 },
            }),
        ).toHaveLength(1);
    });

    it("are a pack of the package's own version", () => {
        expect(pack.version).toBe(version);
    });

    it("are all in the document, with where they hold", async () => {
        const text = await readFile(join(packageRoot, "docs", "policies.md"), "utf8");
        const documented = [...text.matchAll(/^\| `([\w-]+)` .*\| (\w+) +\|$/gm)].map(([, name, where]) => [
            name,
            where,
        ]);
        expect(documented).toEqual(
            policies.map(({ name, production }) => [name, production ? "production" : "everywhere"]),
        );
    });
});
