import * as pulumi from "@pulumi/pulumi";

/** What can't change in a server that exists. The names are those of the provider's resource. */
export interface FlexibleServerGuardArgs {
    serverName: string;
    administratorLogin: string | undefined;
    networkMode: "PublicAccess" | "VirtualNetworkIntegration";
    delegatedSubnetId: pulumi.Input<string> | undefined;
    privateDnsZoneId: pulumi.Input<string> | undefined;
    geoRedundantBackup: boolean;
    dataEncryption: boolean;
    storageSizeGB: number;
    storageAutoGrow: boolean;
    version: string;
    allowReplacement: boolean;
}

/**
 * Remembers what a server was created with, so that a preview refuses what would replace it or what the service would
 * reject halfway through: the engine hands a resource's own past to its provider, and to nobody else.
 */
export class FlexibleServerGuard extends pulumi.CustomResource {
    constructor(name: string, args: FlexibleServerGuardArgs, opts?: pulumi.CustomResourceOptions) {
        super("entra-postgres:index:FlexibleServerGuard", name, args, opts);
    }
}
