import * as pulumi from "@pulumi/pulumi";
import { type Fault, plain } from "../faults";

/**
 * Encryption of the data with a key of your own. Chosen when the server is created and never changed afterwards; the
 * key itself may rotate. Source: "Data encryption with customer-managed keys in Azure Database for PostgreSQL".
 */
export interface CustomerManagedKey {
    /** The key's URI in Key Vault, `https://<vault>.vault.azure.net/keys/<key>[/<version>]`; without a version it rotates by itself. */
    primaryKeyUri: pulumi.Input<string>;
    /** The ARM id of a user-assigned identity that may use the key. Its permission must have taken effect before the server is made. */
    primaryUserAssignedIdentityId: pulumi.Input<string>;
    /** The same for geo-redundant backups: a key in the paired region and an identity other than the primary. */
    geoBackup?: {
        keyUri: pulumi.Input<string>;
        userAssignedIdentityId: pulumi.Input<string>;
    };
}

const keyUri = /^https:\/\/[^/]+\/keys\/[^/]+(\/[0-9a-f]{32})?\/?$/i;
const identityId =
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i;

export function validateCustomerManagedKey(key: CustomerManagedKey, geoRedundant: boolean): Fault[] {
    const faults: Fault[] = [];
    const uri = (field: string, value: string | undefined): void => {
        if (value === undefined || keyUri.test(value)) return;
        faults.push({
            field,
            given: value,
            allowed: "https://<vault>/keys/<key>, with or without a version",
            fix: "Copy the key identifier from Key Vault.",
        });
    };
    const identity = (field: string, value: string | undefined): void => {
        if (value === undefined || identityId.test(value)) return;
        faults.push({
            field,
            given: value,
            allowed: "the ARM id of a user-assigned managed identity",
            fix: "Give the identity's id, not its client or principal id.",
        });
    };
    uri("primaryKeyUri", plain(key.primaryKeyUri));
    identity("primaryUserAssignedIdentityId", plain(key.primaryUserAssignedIdentityId));
    if (key.geoBackup) {
        uri("geoBackup.keyUri", plain(key.geoBackup.keyUri));
        identity("geoBackup.userAssignedIdentityId", plain(key.geoBackup.userAssignedIdentityId));
        const [primary, geo] = [plain(key.primaryUserAssignedIdentityId), plain(key.geoBackup.userAssignedIdentityId)];
        if (primary !== undefined && primary.toLowerCase() === geo?.toLowerCase()) {
            faults.push({
                field: "geoBackup.userAssignedIdentityId",
                given: geo,
                allowed: "an identity other than the primary one",
                fix: "Make a second identity for the key in the paired region.",
            });
        }
        if (!geoRedundant) {
            faults.push({
                field: "geoBackup",
                given: "a key",
                allowed: "nothing unless backup.geoRedundant is true",
                fix: "Switch backup.geoRedundant on, or leave the key out.",
            });
        }
    } else if (geoRedundant) {
        faults.push({
            field: "geoBackup",
            given: undefined,
            allowed: "a key and an identity when backup.geoRedundant is true",
            fix: "Give the key of the paired region; it can't be added later.",
        });
    }
    return faults;
}

/** The server's `dataEncryption` and `identity`. */
export function encryptionProperties(key: CustomerManagedKey) {
    const identities = [key.primaryUserAssignedIdentityId, key.geoBackup?.userAssignedIdentityId];
    return {
        dataEncryption: {
            type: "AzureKeyVault",
            primaryKeyURI: key.primaryKeyUri,
            primaryUserAssignedIdentityId: key.primaryUserAssignedIdentityId,
            ...(key.geoBackup && {
                geoBackupKeyURI: key.geoBackup.keyUri,
                geoBackupUserAssignedIdentityId: key.geoBackup.userAssignedIdentityId,
            }),
        },
        identity: {
            type: "UserAssigned",
            userAssignedIdentities: pulumi
                .all(identities.filter((id) => id !== undefined))
                .apply((ids) => Object.fromEntries(ids.map((id) => [id, {}]))),
        },
    };
}
