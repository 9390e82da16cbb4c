/** What the service says to a server's properties, on creation and afterwards. */
import { type AzureError, invalidParameter } from "./errors";
import { AzureError as ServiceFault } from "./errors";

/** A server's inputs as azure-native sends them. */
export interface ServerProperties {
    resourceGroupName?: string;
    serverName?: string;
    location?: string;
    version?: string;
    administratorLogin?: string;
    administratorLoginPassword?: string;
    authConfig?: { activeDirectoryAuth?: string; passwordAuth?: string; tenantId?: string };
    availabilityZone?: string;
    sku?: { name?: string; tier?: string };
    storage?: {
        storageSizeGB?: number;
        tier?: string;
        autoGrow?: string;
        iops?: number;
        throughput?: number;
        type?: string;
    };
    backup?: { backupRetentionDays?: number; geoRedundantBackup?: string };
    highAvailability?: { mode?: string; standbyAvailabilityZone?: string };
    maintenanceWindow?: Record<string, unknown>;
    network?: {
        delegatedSubnetResourceId?: string;
        privateDnsZoneArmResourceId?: string;
        publicNetworkAccess?: string;
    };
    dataEncryption?: { type?: string };
    identity?: unknown;
    createMode?: string;
    sourceServerResourceId?: string;
    pointInTimeUTC?: string;
    tags?: Record<string, string>;
}

const premiumSizes = [32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767];
const families: Record<string, string> = {
    Burstable: "Standard_B",
    GeneralPurpose: "Standard_D",
    MemoryOptimized: "Standard_E",
};
const forbiddenLogins = ["azure_superuser", "azure_pg_admin", "admin", "administrator", "root", "guest", "public"];

/** The first fault that the service finds, or undefined. `before` is undefined on creation. */
export function rejection(now: ServerProperties, before: ServerProperties | undefined): AzureError | undefined {
    return shape(now) ?? authentication(now, before) ?? network(now) ?? (before && immutable(now, before));
}

function shape(now: ServerProperties): AzureError | undefined {
    if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(now.serverName ?? "")) {
        return new ServiceFault(400, "InvalidServerName", `Invalid server name '${now.serverName ?? ""}'.`);
    }
    const derived = ["Replica", "PointInTimeRestore", "GeoRestore", "ReviveDropped"].includes(now.createMode ?? "");
    if (derived && now.sourceServerResourceId === undefined) {
        return invalidParameter("Missing required parameter 'sourceServerResourceId'.");
    }
    if (!["14", "15", "16", "17", "18"].includes(now.version ?? "") && !derived) {
        return invalidParameter(`Version '${now.version ?? ""}' is not supported.`);
    }
    const family = families[now.sku?.tier ?? ""];
    if (now.sku && (family === undefined || now.sku.name?.startsWith(family) !== true)) {
        return invalidParameter(
            `The requested compute size '${now.sku.name ?? ""}' is not available in tier '${now.sku.tier ?? ""}'.`,
        );
    }
    const size = now.storage?.storageSizeGB;
    if (size !== undefined && now.storage?.type !== "PremiumV2_LRS" && !premiumSizes.includes(size)) {
        return invalidParameter(`The value '${String(size)}' for storage size is not one of the supported sizes.`);
    }
    const days = now.backup?.backupRetentionDays;
    if (days !== undefined && (days < 7 || days > 35)) {
        return invalidParameter("The backup retention must be between 7 and 35 days.");
    }
    if (now.sku?.tier === "Burstable" && !["Disabled", undefined].includes(now.highAvailability?.mode)) {
        return invalidParameter("High availability is not supported for Burstable SKUs.");
    }
    return undefined;
}

function authentication(now: ServerProperties, before: ServerProperties | undefined): AzureError | undefined {
    const { activeDirectoryAuth = "Disabled", passwordAuth = "Enabled" } = now.authConfig ?? {};
    if (activeDirectoryAuth !== "Enabled" && passwordAuth !== "Enabled") {
        return invalidParameter(
            "At least one of Microsoft Entra authentication and password authentication must be enabled.",
        );
    }
    const login = now.administratorLogin;
    if (login !== undefined && (forbiddenLogins.includes(login.toLowerCase()) || login.startsWith("pg_"))) {
        return invalidParameter(`The login name '${login}' is not allowed.`);
    }
    if (passwordAuth !== "Enabled" || ["Replica", "PointInTimeRestore", "GeoRestore"].includes(now.createMode ?? "")) {
        return undefined;
    }
    const known = before?.administratorLogin;
    if (known === undefined && (login === undefined || now.administratorLoginPassword === undefined)) {
        return new ServiceFault(
            400,
            "EngineCredentialsNotProvided",
            "Administrator login and password must be provided when password authentication is enabled.",
        );
    }
    if (before && known === undefined && login !== undefined) {
        return new ServiceFault(
            400,
            "EngineCredentialsNotProvided",
            "The administrator login can't be set after creation.",
        );
    }
    return undefined;
}

function network(now: ServerProperties): AzureError | undefined {
    const {
        delegatedSubnetResourceId: subnet,
        privateDnsZoneArmResourceId: zone,
        publicNetworkAccess,
    } = now.network ?? {};
    // The service blames PublicNetworkAccess when one of the two is missing.
    if ((subnet === undefined) !== (zone === undefined)) {
        return new ServiceFault(
            400,
            "ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration",
            "Conflicting configuration is detected between Public Network Access and Virtual Network arguments. " +
                "Public Network Access is not supported along with Virtual Network feature.",
        );
    }
    if (subnet !== undefined && publicNetworkAccess === "Enabled") {
        return new ServiceFault(
            400,
            "ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration",
            "Public Network Access is not supported along with Virtual Network feature.",
        );
    }
    return undefined;
}

function immutable(now: ServerProperties, before: ServerProperties): AzureError | undefined {
    const refuse = (what: string): AzureError =>
        new ServiceFault(
            400,
            "PropertyChangeNotAllowed",
            `The property '${what}' can't be changed after the server is created.`,
        );
    const lower = (value: string | undefined): string => (value ?? "").toLowerCase();
    if (lower(now.network?.delegatedSubnetResourceId) !== lower(before.network?.delegatedSubnetResourceId)) {
        return refuse("network.delegatedSubnetResourceId");
    }
    if (now.backup?.geoRedundantBackup !== before.backup?.geoRedundantBackup)
        return refuse("backup.geoRedundantBackup");
    if ((now.dataEncryption?.type === "AzureKeyVault") !== (before.dataEncryption?.type === "AzureKeyVault")) {
        return refuse("dataEncryption.type");
    }
    if ((now.storage?.storageSizeGB ?? 0) < (before.storage?.storageSizeGB ?? 0)) {
        return new ServiceFault(400, "StorageSizeDecreaseNotAllowed", "Storage size can't be decreased.");
    }
    if (Number(now.version ?? 0) < Number(before.version ?? 0)) {
        return new ServiceFault(400, "InvalidVersionDowngrade", "The version of a server can't be lowered.");
    }
    return undefined;
}
