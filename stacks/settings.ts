/**
 * What a stack's configuration may say. Pulumi's own schema can't look inside objects, so it is checked here, and a key
 * that nobody knows is refused with the one it was probably meant to be.
 */
import * as pulumi from "@pulumi/pulumi";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import type { EntraPostgresArgs } from "../index";

const principalType = z.enum(["User", "Group", "ServicePrincipal"]);

const firewallRules = z
    .array(
        z.union([
            z.strictObject({ name: z.string(), cidr: z.string() }),
            z.strictObject({ name: z.string(), startIpAddress: z.string(), endIpAddress: z.string() }),
        ]),
    )
    .optional();

/** A virtual network to make, or one that exists. */
const virtualNetwork = z.union([z.strictObject({ addressPrefix: z.string() }), z.strictObject({ id: z.string() })]);

const privateDnsZone = z
    .strictObject({
        id: z.string().optional(),
        name: z.string().optional(),
        links: z.record(z.string(), z.string()).optional(),
    })
    .optional();

export const sections = {
    /** A stack that lives as long as a pull request, and no longer than this. */
    ephemeral: z
        .strictObject({
            suffix: z.string().regex(/^[a-z0-9]{4,12}$/, "4 to 12 lower-case letters and digits"),
            expires: z.iso.datetime({ error: "a time in UTC, such as 2026-12-01T00:00:00Z" }),
        })
        .optional(),
    resourceGroup: z.strictObject({ name: z.string(), location: z.string() }),
    server: z.strictObject({
        serverName: z.string().optional(),
        version: z.enum(["14", "15", "16", "17", "18"]),
        sku: z.strictObject({ tier: z.enum(["Burstable", "GeneralPurpose", "MemoryOptimized"]), name: z.string() }),
        storage: z
            .strictObject({ sizeGB: z.number(), tier: z.string().optional(), autoGrow: z.boolean().optional() })
            .optional(),
        backup: z
            .strictObject({ retentionDays: z.number().optional(), geoRedundant: z.boolean().optional() })
            .optional(),
        highAvailability: z
            .strictObject({
                mode: z.enum(["ZoneRedundant", "SameZone"]),
                standbyAvailabilityZone: z.enum(["1", "2", "3"]).optional(),
            })
            .optional(),
        availabilityZone: z.enum(["1", "2", "3"]).optional(),
        maintenanceWindow: z
            .strictObject({ dayOfWeek: z.string(), startHour: z.number(), startMinute: z.number().optional() })
            .optional(),
        tags: z.record(z.string(), z.string()).optional(),
        protect: z.boolean().optional(),
        lock: z.literal("CanNotDelete").optional(),
    }),
    authentication: z.discriminatedUnion("mode", [
        z.strictObject({ mode: z.literal("EntraOnly") }),
        z.strictObject({ mode: z.literal("EntraAndPassword"), administratorLogin: z.string() }),
    ]),
    administrators: z.array(z.strictObject({ type: principalType, name: z.string(), objectId: z.string().optional() })),
    network: z.discriminatedUnion("mode", [
        z.strictObject({
            mode: z.literal("PublicAccess"),
            firewallRules,
            allowAllAzureServices: z.boolean().optional(),
        }),
        z.strictObject({
            mode: z.literal("VirtualNetworkIntegration"),
            virtualNetwork,
            delegatedSubnet: z.union([
                z.strictObject({ addressPrefix: z.string(), name: z.string().optional() }),
                z.strictObject({ id: z.string(), addressPrefix: z.string() }),
            ]),
            denyOther: z.array(z.enum(["Inbound", "Outbound"])).optional(),
            clients: z.record(z.string(), z.string()).optional(),
            /** A firewall that all traffic goes through, by its address. */
            firewallAddress: z.string().optional(),
            privateDnsZone,
        }),
        z.strictObject({
            mode: z.literal("PrivateEndpoint"),
            virtualNetwork,
            subnet: z.union([z.strictObject({ addressPrefix: z.string() }), z.strictObject({ id: z.string() })]),
            publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional(),
            firewallRules,
            privateDnsZone,
        }),
    ]),
    databases: z.array(z.strictObject({ name: z.string() })),
    parameters: z.record(z.string(), z.string()).optional(),
    groupSync: z.boolean().optional(),
    access: z.array(
        z.strictObject({
            principal: z.strictObject({
                type: principalType,
                name: z.string(),
                objectId: z.string().optional(),
                loginAs: z.enum(["GroupOrMembers", "MembersOnly"]).optional(),
            }),
            database: z.string(),
            profile: z.enum(["Reader", "Writer", "Owner"]),
            schemas: z.array(z.string()).optional(),
            objectOwners: z.array(z.string()).optional(),
        }),
    ),
};

const shape = z.strictObject(sections);

/** The network as a configuration can say it: with resources to make in place of resources that exist. */
export type NetworkSettings = z.infer<(typeof sections)["network"]>;

export type Ephemeral = NonNullable<z.infer<(typeof sections)["ephemeral"]>>;

/** A stack's settings: the component's arguments, the resource group they go to, and the network to make. */
export type Settings = Omit<EntraPostgresArgs, "resourceGroupName" | "network"> & {
    resourceGroup: { name: string; location: string };
    network: NetworkSettings;
    ephemeral?: Ephemeral;
};

/** Reads the stack's configuration, or throws one error that names every fault in it. */
export function readSettings(config: pulumi.Config): Settings {
    const own = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(`${config.name}:`));
    const keys = own.map((key) => key.slice(config.name.length + 1));
    return parseSettings(
        Object.fromEntries(keys.map((key) => [key, config.getObject<unknown>(key)])),
        pulumi.getStack(),
    );
}

/** Checks settings that were read already. What fits the shape is checked further by the component itself. */
export function parseSettings(given: unknown, stack: string): Settings {
    const parsed = shape.safeParse(given);
    const lifetime = missingLifetime(given, stack);
    if (parsed.success && lifetime.length === 0) return parsed.data as unknown as Settings;
    const faults = (parsed.error?.issues ?? []).flatMap((issue) => {
        const path = issue.path.map(String).join(".");
        if (issue.code !== "unrecognized_keys") return [`${path}: ${issue.message}`];
        const known = keysAt(shape, issue.path);
        return issue.keys.map((key) => {
            const hint = known.length > 0 ? `; did you mean ${closest(key, known)}?` : "";
            return `${[path, key].filter((part) => part !== "").join(".")}: unknown key${hint}`;
        });
    });
    faults.push(...lifetime);
    throw new pulumi.RunError(
        `Pulumi.${stack}.yaml has ${String(faults.length)} fault(s):\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
}

/** A stack of a pull request has a name of its own each time, and an end. */
function missingLifetime(given: unknown, stack: string): string[] {
    if (!/^pr(-|$)/.test(stack) || (given as { ephemeral?: unknown }).ephemeral !== undefined) return [];
    return [
        "ephemeral: missing in a stack of a pull request. Set ephemeral.suffix to 4 to 12 random letters and digits and " +
            "ephemeral.expires to when it may be cleared away, with `pulumi config set --path`",
    ];
}

/** The keys that an object at a path of the shape may have. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
    let inner = schema;
    while (inner instanceof z.ZodOptional) inner = inner.unwrap();
    if (inner instanceof z.ZodDiscriminatedUnion || inner instanceof z.ZodUnion) {
        return [...new Set(inner.options.flatMap((option) => keysAt(option, path)))];
    }
    const [head, ...rest] = path;
    if (inner instanceof z.ZodArray) return keysAt(inner.element, head === undefined ? [] : rest);
    if (!(inner instanceof z.ZodObject)) return [];
    if (head === undefined) return Object.keys(inner.shape);
    return keysAt((inner.shape as Record<PropertyKey, unknown>)[head], rest);
}
