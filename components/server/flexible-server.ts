import * as pulumi from "@pulumi/pulumi";
import { getClientConfigOutput } from "@pulumi/azure-native/authorization/getClientConfig";
import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope";
import { Server } from "@pulumi/azure-native/dbforpostgresql/server";
import { RandomPassword } from "@pulumi/random";
import { type Cloud, clouds, serverHost } from "../clouds";
import { type Fault, checkInput, refuse, within } from "../faults";
import { type Authentication, authConfig, validateAuthentication } from "./authentication";
import {
    type AvailabilityZone,
    type BurstableSku,
    type GeneralPurposeSku,
    type HighAvailability,
    type MemoryOptimizedSku,
    type PostgresqlVersion,
    validateAvailability,
    validateSku,
    validateVersion,
} from "./compute";
import { type CustomerManagedKey, encryptionProperties, validateCustomerManagedKey } from "./encryption";
import { FlexibleServerGuard } from "./flexible-server-guard";
import {
    type Backup,
    type MaintenanceWindow,
    backupProperties,
    maintenanceWindowProperties,
    validateBackup,
    validateMaintenanceWindow,
} from "./maintenance";
import { defaultServerName, validateGuid, validateServerName } from "./names";
import { type ServerNetwork, networkProperties, validateServerNetwork } from "./network";
import { type Origin, originProperties, validateOrigin } from "./origin";
import { retryWhileBusy, waitUntilReady } from "./settling";
import { type Storage, storageProperties, validateStorage } from "./storage";

/** Compute with what goes with it: Burstable has no high availability. */
export type Compute =
    | { sku: BurstableSku; highAvailability?: never }
    | {
          sku: GeneralPurposeSku | MemoryOptimizedSku;
          /** @default - none */
          highAvailability?: HighAvailability;
      };

/** What describes a server itself, whoever signs in to it and from where. */
export type ServerSettings = Compute & {
    /**
     * The server's name, 3 to 63 lower-case letters, digits and hyphens; the first label of its host name and so global.
     * @default - the component's name and six characters that differ by organization, project and stack
     */
    serverName?: string;
    /**
     * The Azure region.
     * @default - the resource group's
     */
    location?: pulumi.Input<string>;
    /** The major version of PostgreSQL. It can be raised later, never lowered. */
    version: PostgresqlVersion;
    /** @default - 32 GiB of Premium SSD */
    storage?: Storage;
    /** @default - seven days, in the region alone */
    backup?: Backup;
    /**
     * The zone in which the server is created. Left alone afterwards: a failover changes it.
     * @default - the service chooses
     */
    availabilityZone?: AvailabilityZone;
    /** @default - the service chooses a window */
    maintenanceWindow?: MaintenanceWindow;
    /** @default - a key that the service manages */
    customerManagedKey?: CustomerManagedKey;
    /** @default - an empty server */
    origin?: Origin;
    /** @default - none */
    tags?: Record<string, pulumi.Input<string>>;
    /**
     * Whether the engine refuses to delete or replace the server until it is unprotected. Switch it off for environments
     * that come and go.
     * @default true
     */
    protect?: boolean;
    /**
     * `CanNotDelete` puts a lock on the server that holds for everybody, in the portal too. It also blocks the deletion of
     * what is inside the server: databases, administrators, firewall rules.
     * @default - no lock
     */
    lock?: "CanNotDelete";
    /**
     * Give up the refusal of changes that would replace the server or that the service would reject.
     * The data of a replaced server are lost.
     * @default false
     */
    allowReplacement?: boolean;
};

/** What a `FlexibleServer` is made of. */
export type FlexibleServerArgs = ServerSettings & {
    /** The resource group in which the server is made. */
    resourceGroupName: pulumi.Input<string>;
    /** Who signs in: Entra principals only, or passwords as well. */
    authentication: Authentication;
    /** How the server is reached, which is fixed for its life. */
    network: ServerNetwork;
    /**
     * The cloud in which the deployment runs.
     * @default "Public"
     */
    cloud?: Cloud;
};

/** The server that another component works on: a {@link FlexibleServer}, or the names of one that exists. */
export interface ServerReference {
    /** The server's name, known at preview. */
    serverName: string;
    /** The name of the server's resource group. */
    resourceGroupName: pulumi.Input<string>;
    /** @default "Public" */
    cloud?: Cloud;
    /**
     * The server's resource, when whatever deletes it may be trusted to: what is inside isn't then deleted one by one.
     * Left out for a protected server, since a refused deletion would forget what is still there.
     */
    deletedWith?: pulumi.Resource;
    /**
     * What tries an operation again while the server is busy.
     * @default - each component makes its own where it needs one
     */
    retryWhileBusy?: pulumi.ErrorHook;
}

/** Checks a server's arguments without registering anything. Field paths are relative to the arguments. */
export function validateFlexibleServer(args: FlexibleServerArgs): Fault[] {
    return [
        ...validateServerSettings(args),
        ...within("authentication", validateAuthentication(args.authentication)),
        ...within("network", validateServerNetwork(args.network)),
        ...validateCloud(args.cloud),
    ];
}

/** Checks what describes the server itself. */
export function validateServerSettings(settings: ServerSettings): Fault[] {
    const faults = [
        ...(settings.serverName === undefined ? [] : validateServerName("serverName", settings.serverName)),
        ...validateVersion(settings.version),
        ...within("sku", validateSku(settings.sku)),
        ...validateAvailability(settings.sku, settings.availabilityZone, settings.highAvailability),
        ...within("storage", validateStorage(settings.storage ?? { sizeGB: 32 }, settings.sku.tier)),
        ...(settings.backup ? within("backup", validateBackup(settings.backup)) : []),
        ...(settings.maintenanceWindow
            ? within("maintenanceWindow", validateMaintenanceWindow(settings.maintenanceWindow))
            : []),
        ...(settings.customerManagedKey
            ? within(
                  "customerManagedKey",
                  validateCustomerManagedKey(settings.customerManagedKey, settings.backup?.geoRedundant === true),
              )
            : []),
        ...(settings.origin ? within("origin", validateOrigin(settings.origin)) : []),
    ];
    const lock: string | undefined = settings.lock;
    if (lock !== undefined && lock !== "CanNotDelete") {
        faults.push({
            field: "lock",
            given: lock,
            allowed: "CanNotDelete",
            fix: "A ReadOnly lock would block this program too: use CanNotDelete.",
        });
    }
    return faults;
}

export function validateCloud(cloud: string | undefined): Fault[] {
    if (cloud === undefined || Object.hasOwn(clouds, cloud)) return [];
    return [
        {
            field: "cloud",
            given: cloud,
            allowed: Object.keys(clouds).join(", "),
            fix: "Leave it out for the public cloud.",
        },
    ];
}

/**
 * An Azure Database for PostgreSQL flexible server that Microsoft Entra principals sign in to.
 *
 * Switching the authentication mode later is an update. What the service changes by itself (zones after a failover, storage
 * that grew) is left alone. A change that would replace the server is refused at preview.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class FlexibleServer extends pulumi.ComponentResource implements ServerReference {
    /** The server's name. */
    readonly serverName: string;
    readonly resourceGroupName: pulumi.Output<string>;
    readonly cloud: Cloud;
    /** How the server is reached. */
    readonly networkMode: ServerNetwork["mode"];
    /** The host that clients connect to, computed from the name. */
    readonly host: string;
    /** The Entra tenant whose tokens the server accepts. */
    readonly tenantId: pulumi.Output<string>;
    /** The server's ARM id. */
    readonly serverId: pulumi.Output<string>;
    /** The PostgreSQL administrator's password, a secret; undefined when the mode is EntraOnly. */
    readonly administratorPassword: pulumi.Output<string> | undefined;
    /** The server itself. */
    readonly server: Server;
    declare readonly deletedWith?: pulumi.Resource;
    /** Tries operations on this server again while it is busy. */
    readonly retryWhileBusy: pulumi.ErrorHook;

    constructor(name: string, args: FlexibleServerArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("FlexibleServer", name, validateFlexibleServer(args));
        super("entra-postgres:index:FlexibleServer", name, {}, opts);

        const { authentication, network, origin } = args;
        const storage = args.storage ?? { sizeGB: 32 };
        this.serverName = args.serverName ?? defaultServerName(name);
        this.resourceGroupName = pulumi.output(args.resourceGroupName);
        this.cloud = args.cloud ?? "Public";
        this.networkMode = network.mode;
        this.host = serverHost(this.serverName, this.cloud);
        this.tenantId = tenant(this);
        this.administratorPassword = password(this);
        this.retryWhileBusy = retryWhileBusy(name);

        const guard = new FlexibleServerGuard(
            name,
            {
                serverName: this.serverName,
                administratorLogin: authentication.administratorLogin,
                networkMode: network.mode,
                delegatedSubnetId: network.mode === "PublicAccess" ? undefined : network.delegatedSubnetId,
                privateDnsZoneId: network.mode === "PublicAccess" ? undefined : network.privateDnsZoneId,
                geoRedundantBackup: args.backup?.geoRedundant ?? false,
                dataEncryption: args.customerManagedKey !== undefined,
                storageSizeGB: storage.sizeGB,
                storageAutoGrow: storage.autoGrow ?? false,
                version: args.version,
                allowReplacement: args.allowReplacement ?? false,
            },
            { parent: this },
        );

        this.server = new Server(
            name,
            {
                serverName: this.serverName,
                resourceGroupName: this.resourceGroupName,
                version: args.version,
                sku: { tier: args.sku.tier, name: args.sku.name },
                storage: storageProperties(storage),
                backup: backupProperties(args.backup),
                authConfig: authConfig(authentication, this.tenantId),
                network: networkProperties(network),
                ...(authentication.administratorLogin !== undefined && {
                    administratorLogin: authentication.administratorLogin,
                }),
                ...(this.administratorPassword && { administratorLoginPassword: this.administratorPassword }),
                ...(args.location !== undefined && { location: args.location }),
                ...(args.availabilityZone !== undefined && { availabilityZone: args.availabilityZone }),
                highAvailability: {
                    mode: args.highAvailability?.mode ?? "Disabled",
                    ...(args.highAvailability?.standbyAvailabilityZone !== undefined && {
                        standbyAvailabilityZone: args.highAvailability.standbyAvailabilityZone,
                    }),
                },
                ...(args.maintenanceWindow && {
                    maintenanceWindow: maintenanceWindowProperties(args.maintenanceWindow),
                }),
                ...(args.customerManagedKey && encryptionProperties(args.customerManagedKey)),
                ...(origin && originProperties(origin)),
                ...(args.tags && { tags: args.tags }),
            },
            {
                parent: this,
                protect: args.protect ?? true,
                dependsOn: [guard],
                ignoreChanges: leftToTheService(args),
                additionalSecretOutputs: ["administratorLoginPassword"],
                // The service needs up to half an hour for a server with high availability, longer for a restore.
                customTimeouts: { create: "2h", update: "2h", delete: "1h" },
                hooks: {
                    afterCreate: [waitUntilReady(name, this)],
                    afterUpdate: [waitUntilReady(`${name}-update`, this)],
                    onError: [this.retryWhileBusy],
                },
            },
        );
        this.serverId = this.server.id;
        if (args.protect === false) this.deletedWith = this.server;

        if (args.lock !== undefined) {
            new ManagementLockByScope(
                name,
                {
                    scope: this.server.id,
                    lockName: `${this.serverName}-can-not-delete`,
                    level: args.lock,
                    notes: "Deleting this server would lose its data.",
                },
                { parent: this },
            );
        }

        this.registerOutputs({
            serverName: this.serverName,
            host: this.host,
            serverId: this.serverId,
        });

        function tenant(parent: pulumi.Resource): pulumi.Output<string> {
            if (authentication.tenantId === undefined) return getClientConfigOutput({ parent }).tenantId;
            const { value } = checkInput("FlexibleServer", name, authentication.tenantId, (tenantId) =>
                validateGuid("authentication.tenantId", tenantId, "the Entra tenant's id"),
            );
            return pulumi.output(value ?? "");
        }

        function password(parent: pulumi.Resource): pulumi.Output<string> | undefined {
            if (authentication.mode === "EntraOnly") return undefined;
            if (authentication.administratorPassword !== undefined) {
                return pulumi.secret(authentication.administratorPassword);
            }
            const generated = new RandomPassword(
                `${name}-administrator`,
                { length: 32, minLower: 1, minUpper: 1, minNumeric: 1, minSpecial: 1, overrideSpecial: "!#%*-_=+?" },
                { parent },
            );
            return pulumi.secret(generated.result);
        }
    }
}

/**
 * What azure-native must not send back in a later update: it sends every input each time, and so would undo what the service
 * did on its own, or ask for a replacement.
 */
function leftToTheService({ storage, authentication, allowReplacement }: FlexibleServerArgs): string[] {
    const newLogin = allowReplacement === true && authentication.mode === "EntraAndPassword";
    return [
        // Fixed for life. Leaving it out when passwords are switched off would otherwise replace the server.
        ...(newLogin ? [] : ["administratorLogin"]),
        // A failover swaps the zones.
        "availabilityZone",
        "highAvailability.standbyAvailabilityZone",
        // Read when the server is created; azure-native would replace it when they disappear.
        "createMode",
        "pointInTimeUTC",
        "sourceServerResourceId",
        ...(storage?.autoGrow === true ? ["storage.storageSizeGB", "storage.tier", "storage.iops"] : []),
    ];
}
