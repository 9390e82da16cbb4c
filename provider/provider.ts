/** The provider `entra-postgres`: puts the engine's calls to the resources that it has. */
import { version } from "../package.json";
import { type Configuration, checkConfiguration, defaults, readConfiguration } from "./configuration";
import { Connections } from "./connection/connections";
import { AccessLifecycle } from "./grants/lifecycle";
import { databaseAccess } from "./grants/resource";
import { deletionGuard, flexibleServerGuard } from "./guard/resource";
import { PrincipalLifecycle } from "./principal/lifecycle";
import { entraPrincipal } from "./principal/resource";
import type { ProviderImplementation, ResourceImplementation } from "./protocol/implementation";
import { schema } from "./schema";

export function entraPostgres(): ProviderImplementation {
    let configuration: Configuration = defaults;
    let connections = new Connections(configuration);
    let access = new AccessLifecycle(configuration, connections);

    const resources: Record<string, ResourceImplementation | undefined> = {
        "entra-postgres:index:EntraPrincipal": entraPrincipal(
            () => new PrincipalLifecycle(configuration, connections),
            importAs,
        ),
        "entra-postgres:index:DatabaseAccess": databaseAccess(() => access),
        "entra-postgres:index:FlexibleServerGuard": flexibleServerGuard,
        "entra-postgres:index:DeletionGuard": deletionGuard,
    };

    return {
        name: "entra-postgres",
        version,
        schema: () => JSON.stringify(schema),

        checkConfig: ({ inputs }) => Promise.resolve({ inputs, failures: checkConfiguration(inputs) }),

        async configure(given) {
            await connections.close();
            configuration = readConfiguration(given);
            connections = new Connections(configuration);
            access = new AccessLifecycle(configuration, connections);
        },

        check: async (call) => resourceOf(call.type).check(call),
        diff: async (call) => resourceOf(call.type).diff(call),
        create: async (call) => resourceOf(call.type).create(call),
        read: async (call) => resourceOf(call.type).read(call),
        update: async (call) => resourceOf(call.type).update(call),
        delete: async (call) => resourceOf(call.type).delete(call),

        async construct(request, engineAddress) {
            // What the components need takes a second to load, and a provider of principals alone doesn't need it.
            const { construct } = await import("./construct/construct.js");
            return construct(request, engineAddress);
        },

        close: () => connections.close(),
    };

    function resourceOf(type: string): ResourceImplementation {
        const resource = resources[type];
        if (resource) return resource;
        throw new Error(`entra-postgres has no resource ${type}; it has ${Object.keys(resources).join(", ")}.`);
    }

    function importAs(id: string): string {
        if (configuration.signInAs !== undefined) return configuration.signInAs;
        throw new Error(
            `To import ${id}, say whose role to sign in as: pulumi config set entra-postgres:signInAs "<an Entra administrator>".`,
        );
    }
}
