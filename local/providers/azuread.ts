/** Stands in for the azuread provider: look-ups in the emulated tenant. */
import { type Directory, type DirectoryObject, type ObjectType, nameOf } from "../directory/directory";
import type { Properties, ProviderImplementation } from "../../provider/protocol/implementation";
import type { DeployingIdentity } from "./azure-native";

export function azuread(directory: Directory, identity: DeployingIdentity): ProviderImplementation {
    const readOnly = (): Promise<never> =>
        Promise.reject(
            new Error(
                "The local emulation only looks objects of the directory up. Add them to its sample tenant instead.",
            ),
        );

    return {
        name: "azuread",
        version: "6.9.1",
        check: ({ inputs }) => Promise.resolve({ inputs, failures: [] }),
        diff: () => Promise.resolve({ changes: {} }),
        create: readOnly,
        read: readOnly,
        update: readOnly,
        delete: readOnly,
        invoke: ({ token, args }) => Promise.resolve({ result: answer(token, args), failures: [] }),
    };

    function answer(token: string, args: Properties): Properties {
        switch (token) {
            case "azuread:index/getClientConfig:getClientConfig":
                return {
                    id: "client",
                    clientId: identity.applicationId,
                    objectId: identity.objectId,
                    tenantId: directory.tenantId,
                };
            case "azuread:index/getUser:getUser":
                return describe(one("User", args));
            case "azuread:index/getGroup:getGroup":
                return describe(one("Group", args));
            case "azuread:index/getServicePrincipal:getServicePrincipal":
                return describe(one("ServicePrincipal", args));
            default:
                throw new Error(`The local emulation doesn't answer ${token}.`);
        }
    }

    function one(type: ObjectType, args: Properties): DirectoryObject {
        const matches = directory.all().filter((object) => object.type === type && fits(object, args));
        const [match] = matches;
        const asked = Object.entries(args)
            .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
            .join(", ");
        if (!match) throw new Error(`No ${wording[type]} found matching ${asked}`);
        if (matches.length > 1) throw new Error(`Found multiple ${wording[type]}s matching ${asked}`);
        return match;
    }
}

const wording: Record<ObjectType, string> = { User: "user", Group: "group", ServicePrincipal: "service principal" };

function fits(object: DirectoryObject, args: Properties): boolean {
    const facts: Properties = {
        objectId: object.objectId,
        displayName: object.displayName,
        ...(object.type === "User" && { userPrincipalName: nameOf(object) }),
        ...(object.type === "ServicePrincipal" && { clientId: object.applicationId }),
    };
    const asked = Object.entries(args).filter(([key, value]) => value !== undefined && key in facts);
    return asked.length > 0 && asked.every(([key, value]) => facts[key] === value);
}

function describe(object: DirectoryObject): Properties {
    return {
        id: object.objectId,
        objectId: object.objectId,
        displayName: object.displayName,
        ...(object.type === "User" && { userPrincipalName: object.userPrincipalName }),
        ...(object.type === "ServicePrincipal" && { clientId: object.applicationId }),
        ...(object.type === "Group" && { members: object.memberObjectIds }),
    };
}
