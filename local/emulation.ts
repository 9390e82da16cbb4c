/** Azure on this machine: a tenant, tokens, servers, a gateway, and stand-ins for the providers that talk to Azure. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverHost } from "../components/clouds";
import { type ServedProvider, serve } from "../provider/protocol/serve";
import { egressFault, hasPrivateEndpoint, isResolvable } from "./azure/network-rules";
import { ResourceManager } from "./azure/resource-manager";
import { contoso, deployer } from "./directory/contoso";
import type { Directory } from "./directory/directory";
import { Gateway } from "./gateway/gateway";
import { packageRoot } from "./package-root";
import { PostgresInstance } from "./postgresql/instance";
import { azureNative } from "./providers/azure-native";
import { azuread } from "./providers/azuread";
import { postgresql } from "./providers/postgresql/postgresql";
import { random } from "./providers/random";
import { TokenIssuer } from "./tokens/issuer";

export interface EmulationOptions {
    /** @default - the sample tenant */
    directory?: Directory;
    /** The address that this machine seems to have on the Internet, for firewall rules. @default "127.0.0.1" */
    clientAddress?: string;
    /** How long a server stays busy after a change, in milliseconds. @default 300 */
    settleTime?: number;
}

export class Emulation {
    /** Whom deployments sign in as. */
    readonly deployer = deployer;

    private constructor(
        readonly directory: Directory,
        readonly issuer: TokenIssuer,
        readonly resourceManager: ResourceManager,
        readonly gateway: Gateway,
        private readonly providers: Map<string, ServedProvider>,
        readonly runDirectory: string,
    ) {}

    static async start(options: EmulationOptions = {}): Promise<Emulation> {
        const directory = options.directory ?? contoso();
        const runDirectory = await mkdtemp(join(tmpdir(), "entra-pg-"));
        await chmod(runDirectory, 0o711);
        const issuer = await TokenIssuer.start(directory);
        const resourceManager = new ResourceManager({
            directory,
            startDatabase: (serverName, version) =>
                PostgresInstance.start({
                    serverName,
                    directory,
                    runDirectory,
                    ...(version !== undefined && { version }),
                }),
            ...(options.settleTime !== undefined && { settleTime: options.settleTime }),
        });
        const gateway = await Gateway.start({
            issuer,
            instanceFor: (host) => serverAt(resourceManager, host)?.instance,
            refusalOf: (host, user, database) =>
                refusalOf(resourceManager, host, options.clientAddress ?? "127.0.0.1", user, database),
        });
        const identity = { objectId: deployer.objectId, applicationId: deployer.applicationId };
        const providers = new Map(
            await Promise.all(
                [
                    azureNative(resourceManager, identity),
                    azuread(directory, identity),
                    random(),
                    postgresql({
                        routeOf: () => ({
                            address: "127.0.0.1",
                            port: gateway.port,
                            rootCertificate: gateway.certificates.root,
                        }),
                        token: () => issuer.issue({ objectId: deployer.objectId }),
                    }),
                ].map(async (provider) => [provider.name, await serve(provider)] as const),
            ),
        );
        return new Emulation(directory, issuer, resourceManager, gateway, providers, runDirectory);
    }

    /** Variables that make the engine use the emulation instead of Azure. */
    environment(): Record<string, string> {
        return {
            ...this.issuer.environment(deployer.objectId),
            PULUMI_DEBUG_PROVIDERS: [...this.providers].map(([name, { port }]) => `${name}:${String(port)}`).join(","),
            PATH: `${join(packageRoot, "provider", "plugin")}:${process.env["PATH"] ?? ""}`,
        };
    }

    /** Settings of the provider entra-postgres that lead it to the gateway. */
    providerSettings(): Record<string, string> {
        return {
            "entra-postgres:hostAddress": "127.0.0.1",
            "entra-postgres:port": String(this.gateway.port),
            "entra-postgres:rootCertificate": this.gateway.certificates.root,
            "entra-postgres:credential": "ManagedIdentity",
        };
    }

    /** Stops everything and removes what it left on disk. */
    async stop(): Promise<void> {
        await Promise.all([...this.providers.values()].map((provider) => provider.close()));
        await this.gateway.stop();
        await this.resourceManager.stop();
        await this.issuer.stop();
        await rm(this.runDirectory, { recursive: true, force: true });
    }
}

function serverAt(resourceManager: ResourceManager, host: string) {
    const name = host.split(".")[0] ?? "";
    const server = resourceManager.server(name);
    const suffixes = (["Public", "USGovernment", "China"] as const).map((cloud) => serverHost(name, cloud));
    return server && suffixes.includes(host) ? server : undefined;
}

/** What the network says to a client: the firewall of a public server, or what keeps a private one from being used. */
function refusalOf(
    resourceManager: ResourceManager,
    host: string,
    address: string,
    user: string,
    database: string,
): string | undefined {
    const server = serverAt(resourceManager, host);
    if (!server) return undefined;
    const { properties } = server;
    if (!isResolvable(resourceManager, properties)) {
        return `could not translate host name "${host}" to address: Name or service not known`;
    }
    if (egressFault(resourceManager, properties) !== undefined) {
        return "An error occurred while validating the access token. Please acquire a new token and retry.";
    }
    if (properties.network?.delegatedSubnetResourceId !== undefined) return undefined;
    if (hasPrivateEndpoint(resourceManager, server.id)) return undefined;
    const admitted = resourceManager
        .list("dbforpostgresql:FirewallRule", server.id)
        .some(({ properties: rule }) => inRange(address, String(rule["startIpAddress"]), String(rule["endIpAddress"])));
    if (admitted && properties.network?.publicNetworkAccess !== "Disabled") return undefined;
    return `no pg_hba.conf entry for host "${address}", user "${user}", database "${database}", SSL encryption`;
}

function inRange(address: string, start: string, end: string): boolean {
    const number = (text: string): number => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    return number(address) >= number(start) && number(address) <= number(end);
}
