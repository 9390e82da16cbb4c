/** The provider `entra-postgres`: puts the engine's calls to the resources that it has. */
import { version } from "../package.json";
import { type Configuration, checkConfiguration, defaults, readConfiguration } from "./configuration";
import { Connections } from "./connection/connections";
import { refusals, refuseDeletion, remember } from "./guard/guard";
import { differencesOf } from "./principal/difference";
import { checkPrincipal, readPrincipal } from "./principal/inputs";
import { PrincipalLifecycle } from "./principal/lifecycle";
import { type Properties, type ProviderImplementation, UNKNOWN } from "./protocol/implementation";
import { changedKeys } from "./protocol/serve";
import { schema } from "./schema";

const principal = "entra-postgres:index:EntraPrincipal";
const guard = "entra-postgres:index:FlexibleServerGuard";
const deletionGuard = "entra-postgres:index:DeletionGuard";
/** Resources that exist in the stack's state alone. */
const guards = [guard, deletionGuard];

export function entraPostgres(): ProviderImplementation {
    let configuration: Configuration = defaults;
    let connections = new Connections(configuration);
    let principals = new PrincipalLifecycle(configuration, connections);

    return {
        name: "entra-postgres",
        version,
        schema: () => JSON.stringify(schema),

        checkConfig: ({ inputs }) => Promise.resolve({ inputs, failures: checkConfiguration(inputs) }),

        async configure(given) {
            await connections.close();
            configuration = readConfiguration(given);
            connections = new Connections(configuration);
            principals = new PrincipalLifecycle(configuration, connections);
        },

        check({ type, oldInputs, inputs }) {
            switch (type) {
                case principal:
                    return Promise.resolve({ inputs, failures: checkPrincipal(inputs) });
                case guard:
                    return Promise.resolve({
                        inputs: remember(oldInputs, inputs),
                        failures: oldInputs ? refusals(oldInputs, inputs) : [],
                    });
                case deletionGuard:
                    return Promise.resolve({ inputs, failures: [] });
                default:
                    throw unknownType(type);
            }
        },

        diff({ type, oldInputs, oldOutputs, inputs }) {
            return Promise.resolve(
                type === principal
                    ? differencesOf(oldInputs, oldOutputs, inputs)
                    : { changes: changedKeys(oldInputs, inputs) },
            );
        },

        async create({ type, name, inputs, preview, signal }) {
            if (guards.includes(type)) return { id: preview ? "" : name, outputs: inputs };
            if (preview) return { id: "", outputs: { ...unresolved(inputs), ...inputs } };
            const wanted = readPrincipal(inputs);
            const outputs = await principals.create(wanted, signal);
            return { id: `${wanted.serverName}/${wanted.name}`, outputs };
        },

        async read({ type, id, inputs, outputs, signal }) {
            if (guards.includes(type)) return { id, inputs, outputs };
            const slash = id.indexOf("/");
            const importing = Object.keys(inputs).length === 0;
            const known = importing
                ? { serverName: id.slice(0, slash), name: id.slice(slash + 1), signInAs: importAs(id) }
                : readPrincipal(inputs);
            if (importing && slash < 1) throw new Error(`${id} isn't an id to import: write <server>/<role>.`);
            const name = typeof outputs["name"] === "string" ? outputs["name"] : known.name;
            const role = await principals.read(known, name, signal);
            if (!role?.mapping) return undefined;
            const actual = principals.inputsFrom(known, name, role);
            return {
                id,
                inputs: importing ? actual : refreshed(inputs, actual),
                outputs: { ...outputs, ...principals.outputsFrom(known, name, role) },
            };
        },

        async update({ type, oldInputs, oldOutputs, inputs, preview, signal }) {
            if (guards.includes(type)) return { outputs: inputs };
            if (preview) return { outputs: { ...oldOutputs, ...inputs } };
            return { outputs: await principals.update(readPrincipal(oldInputs), readPrincipal(inputs), signal) };
        },

        async delete({ type, oldInputs, outputs, signal }) {
            if (type === deletionGuard) refuseDeletion(oldInputs);
            if (guards.includes(type)) return;
            await principals.delete(readPrincipal({ ...outputs, ...oldInputs }), signal);
        },

        async construct(request, engineAddress) {
            // What the components need takes a second to load, and a provider of principals alone doesn't need it.
            const { construct } = await import("./construct/construct.js");
            return construct(request, engineAddress);
        },

        close: () => connections.close(),
    };

    function importAs(id: string): string {
        if (configuration.signInAs !== undefined) return configuration.signInAs;
        throw new Error(
            `To import ${id}, say whose role to sign in as: pulumi config set entra-postgres:signInAs "<an Entra administrator>".`,
        );
    }
}

/** What only the server knows. */
function unresolved(inputs: Properties): Properties {
    return { objectId: inputs["objectId"] ?? UNKNOWN, tenantId: UNKNOWN, host: UNKNOWN };
}

/** Of what is really there, the part that the program spoke about, so that only drift shows. */
function refreshed(inputs: Properties, actual: Properties): Properties {
    const read: Properties = { ...inputs };
    const implied: Properties = { isAdmin: false, isMfa: false, canLogin: true };
    for (const property of ["type", "objectId", "isAdmin", "isMfa", "canLogin"]) {
        const given = inputs[property] ?? implied[property];
        const same = String(given).toLowerCase() === String(actual[property]).toLowerCase();
        if (given !== undefined && !same) read[property] = actual[property];
    }
    return read;
}

function unknownType(type: string): Error {
    return new Error(`entra-postgres has no resource ${type}; it has ${[principal, ...guards].join(", ")}.`);
}
