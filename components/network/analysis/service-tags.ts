import type { Cloud } from "../../clouds";
import { AddressSet, parsePrefix } from "./address-set";
import { type Known, notKnown } from "./known";

/**
 * Addresses behind Microsoft Entra's sign-in and Graph hosts, the part of the `AzureActiveDirectory` tag that a server
 * needs.
 *
 * Sources, read 2026-11-24: "Microsoft 365 URLs and IP address ranges", row 56; "Microsoft 365 U.S. Government GCC High
 * endpoints", row 13; "Microsoft Graph change notifications" in "Additional endpoints not included in the web service"
 * for China.
 */
const entraPrefixes: Record<Cloud, readonly string[]> = {
    Public: [
        "20.20.32.0/19",
        "20.190.128.0/18",
        "20.231.128.0/19",
        "40.126.0.0/18",
        "2603:1006:2000::/48",
        "2603:1007:200::/48",
        "2603:1016:1400::/48",
        "2603:1017::/48",
        "2603:1026:3000::/48",
        "2603:1027:1::/48",
        "2603:1036:3000::/48",
        "2603:1037:1::/48",
        "2603:1046:2000::/48",
        "2603:1047:1::/48",
        "2603:1056:2000::/48",
        "2603:1057:2::/48",
    ],
    USGovernment: ["20.140.232.0/23", "52.126.194.0/23", "2001:489a:3500::/50"],
    China: [
        "40.72.70.0/23",
        "52.130.2.32/27",
        "52.130.3.64/27",
        "52.130.17.192/27",
        "52.130.18.32/27",
        "2406:e500:5500::/48",
    ],
};

/**
 * A sample of the `Storage` tag. Its real prefixes are thousands and change weekly, so an answer about Storage rests on
 * tags and on blocks wide enough to hold the sample; a narrower public block may or may not touch the rest of the tag.
 *
 * Source, read 2026-11-24: "Configure rules to access an Azure container registry behind a firewall".
 */
const storageSample: readonly string[] = ["13.65.107.32/28", "52.239.216.0/23"];

/** Addresses that no public service has (RFC 1918, 6598, 1122, 3927, 5771, 4193, 4291). */
const notPublic = AddressSet.fromPrefixes([
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "::/127",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
]);
export const publicAddresses = AddressSet.everything.subtract(notPublic);

const publicIpv4 = publicAddresses.intersect(AddressSet.fromPrefixes(["0.0.0.0/0"]));

/** Addresses that can belong to a private network. */
export const privateAddresses = AddressSet.fromPrefixes([
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
]);

/** The host's virtual address, which health probes come from. */
export const hostAddress = "168.63.129.16/32";

/**
 * Tags of other services: none of them holds Entra's addresses or those of Storage.
 * Source: "Virtual network service tags".
 */
const otherTags = new Set(
    `ActionGroup ApiManagement ApplicationInsightsAvailability AppConfiguration AppService AppServiceManagement
    AzureActiveDirectoryDomainServices AzureAdvancedThreatProtection AzureArcInfrastructure AzureAttestation AzureBackup
    AzureBotService AzureCognitiveSearch AzureContainerRegistry AzureCosmosDB AzureDatabricks AzureDataExplorerManagement
    AzureDataLake AzureDevOps AzureDigitalTwins AzureEventGrid AzureFrontDoor AzureInformationProtection AzureIoTHub
    AzureKeyVault AzureMachineLearning AzureMonitor AzurePlatformDNS AzurePlatformIMDS AzurePlatformLKM
    AzureResourceManager AzureSignalR AzureSiteRecovery AzureTrafficManager BatchNodeManagement
    CognitiveServicesManagement DataFactory DataFactoryManagement EventHub GatewayManager GuestAndHybridManagement
    HDInsight LogicApps LogicAppsManagement MicrosoftCloudAppSecurity MicrosoftContainerRegistry PowerBI PowerQueryOnline
    ServiceBus ServiceFabric Sql SqlManagement StorageSyncService WindowsVirtualDesktop`
        .toLowerCase()
        .split(/\s+/),
);

/** What gives tags their meaning in one virtual network. */
export interface TagScope {
    cloud: Cloud;
    /** The region of the server's storage; a rule for another region's tag doesn't concern it. */
    storageRegion: Known<string> | undefined;
    /** What `VirtualNetwork` stands for. */
    virtualNetwork: Membership;
    /** The virtual network's own address space, which `Internet` leaves out. */
    addressSpace: AddressSet;
}

/** The addresses that a prefix or tag stands for: those for certain, and those that it may hold. */
export interface Membership {
    definitely: AddressSet;
    /** Includes `definitely`. */
    possibly: AddressSet;
}

/** A service that a server reaches over HTTPS, by its tag. */
export type ServiceTag = "AzureActiveDirectory" | "Storage";

/** The prefixes by which the analysis knows a service. */
export function servicePrefixes(tag: ServiceTag, cloud: Cloud): readonly string[] {
    return tag === "Storage" ? storageSample : entraPrefixes[cloud];
}

/** The addresses that a rule's prefix, address or tag stands for. */
export function membership(text: Known<string>, scope: TagScope): Membership {
    if (text === notKnown) return { definitely: AddressSet.empty, possibly: AddressSet.everything };
    const storage = AddressSet.fromPrefixes(storageSample);
    const prefix = parsePrefix(text);
    if (prefix) {
        const block = AddressSet.of(prefix);
        const touchesPublic = !block.intersect(publicIpv4).isEmpty;
        return { definitely: block, possibly: touchesPublic ? block.union(storage) : block };
    }

    const entra = AddressSet.fromPrefixes(servicePrefixes("AzureActiveDirectory", scope.cloud));
    const [tag = "", region] = text.toLowerCase().split(".");
    switch (tag) {
        case "*":
        case "any":
            return exactly(AddressSet.everything);
        case "internet":
            return exactly(publicAddresses.subtract(scope.addressSpace));
        case "virtualnetwork":
            return scope.virtualNetwork;
        case "azureloadbalancer":
            return exactly(AddressSet.fromPrefixes([hostAddress]));
        case "azureactivedirectory":
            return exactly(entra);
        case "storage":
            return regional(storage, region, scope.storageRegion);
        case "azurecloud":
            return region === undefined
                ? { definitely: entra.union(storage), possibly: publicAddresses }
                : { definitely: AddressSet.empty, possibly: publicAddresses };
        default:
            return otherTags.has(tag)
                ? exactly(AddressSet.empty)
                : { definitely: AddressSet.empty, possibly: AddressSet.everything };
    }
}

function exactly(addresses: AddressSet): Membership {
    return { definitely: addresses, possibly: addresses };
}

function regional(addresses: AddressSet, region: string | undefined, wanted: Known<string> | undefined): Membership {
    if (region === undefined) return exactly(addresses);
    if (wanted === undefined || wanted === notKnown) return { definitely: AddressSet.empty, possibly: addresses };
    return exactly(region === plainRegion(wanted) ? addresses : AddressSet.empty);
}

/** A region's name as tags write it: `West Europe` is `westeurope`. */
export function plainRegion(region: string): string {
    return region.toLowerCase().replace(/\s+/g, "");
}
