import * as pulumi from "@pulumi/pulumi";

export interface DeletionGuardArgs {
    /** The server that is guarded. */
    serverName: string;
    /** Whether deletion is refused. */
    protect: boolean;
}

/**
 * Depends on everything that belongs to a server and is therefore deleted first: while the server is protected it refuses,
 * and nothing else is touched. The engine's own protection stops at the server: a mistaken destroy would go on to take away
 * its firewall rules, administrators and grants.
 */
export class DeletionGuard extends pulumi.CustomResource {
    constructor(name: string, args: DeletionGuardArgs, opts?: pulumi.CustomResourceOptions) {
        super("entra-postgres:index:DeletionGuard", name, args, opts);
    }
}
