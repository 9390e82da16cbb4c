/** One emulated server and the real provider in front of it, without the engine. */
import { setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { administrators, contoso, deployer } from "../../local/directory/contoso";
import { Gateway } from "../../local/gateway/gateway";
import { PostgresInstance } from "../../local/postgresql/instance";
import { TokenIssuer } from "../../local/tokens/issuer";
import { entraPostgres } from "../../provider/provider";
import type { Properties, ProviderImplementation } from "../../provider/protocol/implementation";

export const principalType = "entra-postgres:index:EntraPrincipal";
export const accessType = "entra-postgres:index:DatabaseAccess";

export class EmulatedServer {
    private readonly providers: ProviderImplementation[] = [];

    private constructor(
        readonly instance: PostgresInstance,
        readonly issuer: TokenIssuer,
        readonly gateway: Gateway,
        /** Where this run keeps its files. */
        readonly directory: string,
    ) {}

    static async start(): Promise<EmulatedServer> {
        const runDirectory = await mkdtemp(join(tmpdir(), "ep-"));
        const directory = contoso();
        const instance = await PostgresInstance.start({ serverName: "orders", directory, runDirectory });
        const issuer = await TokenIssuer.start(directory);
        const gateway = await Gateway.start({ issuer, instanceFor: () => instance });
        await instance.setEntraAuthentication(true);
        await instance.createAdministrator({
            objectId: administrators.objectId,
            principalName: administrators.displayName,
            principalType: "Group",
        });
        await instance.createDatabase("orders", { charset: "UTF8", collation: "en_US.utf8" });
        Object.assign(process.env, issuer.environment(deployer.objectId));
        return new EmulatedServer(instance, issuer, gateway, runDirectory);
    }

    /** A provider of its own, as each deployment has one. */
    async provider(settings: Properties = {}): Promise<ProviderImplementation> {
        const provider = entraPostgres();
        await provider.configure?.({
            hostAddress: "127.0.0.1",
            port: String(this.gateway.port),
            rootCertificate: this.gateway.certificates.root,
            credential: "ManagedIdentity",
            patience: "20",
            ...settings,
        });
        this.providers.push(provider);
        return provider;
    }

    async query(sql: string, values?: unknown[], database = "postgres") {
        return (await this.instance.query<Record<string, unknown>>(database, sql, values)).rows;
    }

    /** Ends the connections of every provider that was given out. */
    async closeProviders(): Promise<void> {
        await Promise.all(this.providers.splice(0).map(async (provider) => provider.close?.()));
    }

    async stop(): Promise<void> {
        await this.closeProviders();
        await this.gateway.stop();
        await this.issuer.stop();
        await this.instance.stop();
        await rm(this.directory, { recursive: true, force: true });
    }
}

/** The calls that the engine makes, with what it always sends. */
export function calls(
    provider: ProviderImplementation,
    { signal = new AbortController().signal, type = principalType }: { signal?: AbortSignal; type?: string } = {},
) {
    setMaxListeners(0, signal);
    const call = { urn: `urn:pulumi:dev::orders::${type}::p`, type, name: "p", signal };
    const defaults = { serverName: "orders", signInAs: administrators.displayName };
    const whole = (inputs: Properties): Properties => ({ ...defaults, ...inputs });
    return {
        check: (inputs: Properties) => provider.check({ ...call, oldInputs: undefined, inputs: whole(inputs) }),
        create: (inputs: Properties, preview = false) =>
            provider.create({ ...call, inputs: whole(inputs), preview, timeoutSeconds: 0 }),
        update: (oldInputs: Properties, inputs: Properties, oldOutputs: Properties = {}) =>
            provider.update({
                ...call,
                id: `orders/${String(oldInputs["name"])}`,
                oldInputs: whole(oldInputs),
                oldOutputs,
                inputs: whole(inputs),
                preview: false,
                timeoutSeconds: 0,
            }),
        diff: (oldInputs: Properties, inputs: Properties, oldOutputs: Properties = {}) =>
            provider.diff({ ...call, id: "x", oldInputs: whole(oldInputs), oldOutputs, inputs: whole(inputs) }),
        read: (inputs: Properties, outputs: Properties = {}) =>
            provider.read({
                ...call,
                id: `orders/${String(inputs["name"])}`,
                inputs: whole(inputs),
                outputs: whole({ ...inputs, ...outputs }),
            }),
        import: (id: string) => provider.read({ ...call, id, inputs: {}, outputs: {} }),
        delete: (inputs: Properties) =>
            provider.delete({
                ...call,
                id: `orders/${String(inputs["name"])}`,
                oldInputs: whole(inputs),
                outputs: whole(inputs),
                timeoutSeconds: 0,
            }),
    };
}
