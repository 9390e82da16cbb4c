/** Stands in for the azure-native provider, in front of the emulated Resource Manager. */
import { randomBytes } from "node:crypto";
import { kindOfToken, nameOfId, type Kind } from "../azure/kinds";
import { withChildren } from "../azure/network-rules";
import type { Resource, ResourceManager } from "../azure/resource-manager";
import {
    type DiffKind,
    type Properties,
    type ProviderImplementation,
    UNKNOWN,
    hasUnknown,
} from "../../provider/protocol/implementation";
import { detailedChanges } from "./differences";

/** Who the deployment is signed in as. */
export interface DeployingIdentity {
    objectId: string;
    applicationId: string;
}

export function azureNative(manager: ResourceManager, identity: DeployingIdentity): ProviderImplementation {
    return {
        name: "azure-native",
        version: "3.28.0",

        check({ type, name, oldInputs, inputs }) {
            const kind = kindOfToken(type);
            const own = kind.names.at(-1) ?? "";
            const checked = { ...inputs };
            if (checked[own] === undefined) {
                checked[own] = kind.autoNamed
                    ? (oldInputs?.[own] ?? `${name}${randomBytes(4).toString("hex")}`)
                    : undefined;
            }
            return Promise.resolve({ inputs: checked, failures: [] });
        },

        diff({ type, oldInputs, inputs }) {
            const kind = kindOfToken(type);
            const changes = detailedChanges(oldInputs, inputs);
            for (const [path, change] of Object.entries(changes)) {
                const top = path.split(/[.[]/)[0] ?? path;
                if (kind.replaceOn.includes(top)) changes[path] = `${change}-replace` as DiffKind;
            }
            return Promise.resolve({ changes });
        },

        async create({ type, inputs, preview }) {
            const kind = kindOfToken(type);
            if (preview) return { id: "", outputs: unknownOutputs(kind, inputs) };
            const id = kind.id(inputs, manager.subscriptionId);
            if (manager.get(id)) {
                throw new Error(`cannot create already existing resource '${id}'`);
            }
            const resource = await manager.put(kind, inputs);
            return { id: resource.id, outputs: outputsOf(resource) };
        },

        read({ id, inputs }) {
            const resource = manager.get(id);
            if (!resource) return Promise.resolve(undefined);
            const actual = actualProperties(manager, resource);
            // An import has no inputs yet and takes all; a refresh looks at what the program gave.
            const keys = Object.keys(inputs).length > 0 ? Object.keys(inputs) : Object.keys(actual);
            const read = Object.fromEntries(keys.map((key) => [key, onlyGiven(inputs[key], actual[key])]));
            return Promise.resolve({ id: resource.id, inputs: read, outputs: outputsOf(resource, actual) });
        },

        async update({ type, inputs, oldOutputs, preview }) {
            const kind = kindOfToken(type);
            if (preview)
                return {
                    outputs: hasUnknown(inputs)
                        ? unknownOutputs(kind, inputs)
                        : { ...oldOutputs, ...visible(kind, inputs) },
                };
            return { outputs: outputsOf(await manager.put(kind, inputs)) };
        },

        async delete({ id }) {
            await manager.delete(id);
        },

        invoke({ token, args }) {
            return Promise.resolve({ result: answer(token, args), failures: [] });
        },
    };

    function answer(token: string, args: Properties): Properties {
        switch (token) {
            case "azure-native:authorization:getClientConfig":
                return {
                    clientId: identity.applicationId,
                    objectId: identity.objectId,
                    subscriptionId: manager.subscriptionId,
                    tenantId: manager.directory.tenantId,
                };
            case "azure-native:dbforpostgresql:getServer": {
                const resource = find("dbforpostgresql:Server", args);
                return { ...outputsOf(resource), id: resource.id, state: manager.serverById(resource.id)?.state };
            }
            default: {
                const kind = /^azure-native:(\w+):get(\w+)$/.exec(token);
                if (!kind) throw new Error(`The local emulation doesn't answer ${token}.`);
                const resource = find(`${kind[1] ?? ""}:${kind[2] ?? ""}`, args);
                return { ...outputsOf(resource, whole(resource)), id: resource.id };
            }
        }
    }

    /** With rules and routes that are resources of their own, as Resource Manager lists them. */
    function whole({ kind, id, properties }: Resource): Properties {
        const parts = {
            "network:NetworkSecurityGroup": () => withChildren(manager, id, "securityRules", "network:SecurityRule"),
            "network:RouteTable": () => withChildren(manager, id, "routes", "network:Route"),
        }[kind.token];
        return parts?.() ?? properties;
    }

    function find(token: string, args: Properties): Resource {
        const id = kindOfToken(token).id(args, manager.subscriptionId);
        const resource = manager.get(id);
        if (!resource)
            throw new Error(`Status=404 Code="ResourceNotFound" Message="The Resource '${id}' was not found."`);
        return resource;
    }
}

/** Names and secrets go in but don't come back. */
function visible(kind: Kind, inputs: Properties): Properties {
    const hidden = new Set([...kind.names, "resourceGroupName", "administratorLoginPassword", "scope"]);
    return Object.fromEntries(Object.entries(inputs).filter(([key]) => !hidden.has(key)));
}

function outputsOf(resource: Resource, actual = resource.properties): Properties {
    return {
        ...visible(resource.kind, actual),
        ...resource.computed,
        // The object id is a name of an administrator and an output all the same.
        ...(resource.kind.names.includes("objectId") && { objectId: resource.properties["objectId"] }),
        name: nameOfId(resource.id),
        type: resource.kind.armType,
        azureApiVersion: "2025-08-01",
    };
}

function unknownOutputs(kind: Kind, inputs: Properties): Properties {
    const computed =
        kind.token === "dbforpostgresql:Server"
            ? ["fullyQualifiedDomainName", "state", "minorVersion"]
            : kind.token === "managedidentity:UserAssignedIdentity"
              ? ["principalId", "clientId", "tenantId"]
              : [];
    return {
        ...visible(kind, inputs),
        ...Object.fromEntries(["name", "type", ...computed].map((key) => [key, UNKNOWN])),
        ...(kind.located && inputs["location"] === undefined && { location: UNKNOWN }),
    };
}

/** Properties as they are now: the service changes some by itself. */
function actualProperties(manager: ResourceManager, resource: Resource): Properties {
    const server = manager.serverById(resource.id);
    return server
        ? {
              ...resource.properties,
              ...(server.properties as Properties),
              administratorLoginPassword: resource.properties["administratorLoginPassword"],
          }
        : resource.properties;
}

/** Of what exists, the part that the program spoke about. */
function onlyGiven(given: unknown, actual: unknown): unknown {
    if (typeof given !== "object" || given === null || Array.isArray(given)) return actual;
    if (typeof actual !== "object" || actual === null) return actual;
    return Object.fromEntries(
        Object.entries(given).map(([key, value]) => [key, onlyGiven(value, (actual as Properties)[key])]),
    );
}
