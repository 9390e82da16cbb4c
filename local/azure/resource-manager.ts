/** The emulated Resource Manager: what exists, and the rules by which the service changes it. */
import type { Directory, ObjectType } from "../directory/directory";
import { ServiceError } from "../postgresql/instance";
import { AzureError, invalidParameter } from "./errors";
import { FlexibleServerState, type StartDatabase } from "./flexible-server";
import { type Kind, kindOfId, nameOfId, parentId } from "./kinds";
import { egressFault, subnetRejection } from "./network-rules";
import type { ServerProperties } from "./server-rules";

export type Properties = Record<string, unknown>;

/** Something that exists. */
export interface Resource {
    id: string;
    kind: Kind;
    /** As last put, in azure-native's words. */
    properties: Properties;
    /** What the service adds. */
    computed: Properties;
}

export interface ResourceManagerOptions {
    directory: Directory;
    startDatabase: StartDatabase;
    /** How long a server stays busy after it was changed, in milliseconds. @default 300 */
    settleTime?: number;
}

/** Failures that a test arranges for a type of resource. */
interface ArrangedFailure {
    token: string;
    method: "put" | "delete";
    error: AzureError;
}

export const subscriptionId = "5b5c21b7-0000-4000-8000-000000000001";

export class ResourceManager {
    readonly subscriptionId = subscriptionId;
    readonly directory: Directory;
    readonly #resources = new Map<string, Resource>();
    readonly #servers = new Map<string, FlexibleServerState>();
    readonly #failures: ArrangedFailure[] = [];
    /** Ids of what was put or deleted, in order, for tests. */
    readonly history: { method: "put" | "delete"; id: string }[] = [];

    constructor(private readonly options: ResourceManagerOptions) {
        this.directory = options.directory;
    }

    get(id: string): Resource | undefined {
        const resource = this.#resources.get(id.toLowerCase());
        if (resource?.kind.token === "dbforpostgresql:Server") {
            resource.computed["state"] = "Ready";
        }
        return resource;
    }

    /** Resources of a kind, below a parent if one is given. */
    list(token: string, below?: string): Resource[] {
        return [...this.#resources.values()].filter(
            (resource) =>
                resource.kind.token === token &&
                (below === undefined || resource.id.toLowerCase().startsWith(`${below.toLowerCase()}/`)),
        );
    }

    /** The server that answers to a name. Server names are host names, so no two servers share one. */
    server(name: string): FlexibleServerState | undefined {
        return [...this.#servers.values()].find((server) => server.name === name);
    }

    serverById(id: string): FlexibleServerState | undefined {
        return this.#servers.get(id.toLowerCase());
    }

    /** The next operations of this kind fail with an error. */
    failNext(token: string, method: "put" | "delete", error: AzureError, times = 1): void {
        for (let i = 0; i < times; i++) this.#failures.push({ token, method, error });
    }

    /** Forgets failures that were arranged and didn't happen. */
    forgetFailures(): void {
        this.#failures.length = 0;
    }

    /** Creates or replaces a resource with all of its properties, as a PUT does. */
    async put(kind: Kind, properties: Properties): Promise<Resource> {
        const id = kind.id(properties, subscriptionId);
        this.#arranged(kind, "put");
        this.#requireParent(kind, id, properties);
        const before = this.get(id);
        const computed = await this.#effect(kind, id, properties, before);
        const resource: Resource = { id, kind, properties: structuredClone(properties), computed };
        if (kind.located) {
            const group = this.get(id.split("/").slice(0, 5).join("/"));
            resource.computed["location"] = properties["location"] ?? group?.properties["location"] ?? "westeurope";
        }
        this.#resources.set(id.toLowerCase(), resource);
        this.history.push({ method: "put", id });
        return resource;
    }

    async delete(id: string): Promise<void> {
        const resource = this.get(id);
        if (!resource) return;
        this.#arranged(resource.kind, "delete");
        this.#refuseLocked(id);
        this.#refuseUsedSubnet(resource);
        await this.#removeEffect(resource);
        const below = `${id.toLowerCase()}/`;
        for (const key of [...this.#resources.keys()]) {
            if (key === id.toLowerCase() || key.startsWith(below)) this.#resources.delete(key);
        }
        this.history.push({ method: "delete", id });
    }

    /** Stops every database. */
    async stop(): Promise<void> {
        await Promise.all([...this.#servers.values()].map((server) => server.stop()));
        this.#servers.clear();
        this.#resources.clear();
    }

    async #effect(kind: Kind, id: string, properties: Properties, before: Resource | undefined): Promise<Properties> {
        if (kind.token === "dbforpostgresql:Server") return this.#putServer(id, properties, before);
        if (kind.token.startsWith("dbforpostgresql:")) {
            return this.#ofServer(id).exclusively(kind, () => this.#putChild(kind, id, properties, before));
        }
        if (kind.token === "managedidentity:UserAssignedIdentity") return this.#putIdentity(id, before);
        return before?.computed ?? {};
    }

    async #putServer(id: string, properties: Properties, before: Resource | undefined): Promise<Properties> {
        const desired = properties as ServerProperties;
        const name = nameOfId(id);
        const existing = this.serverById(id);
        if (!existing && this.server(name)) {
            throw new AzureError(409, "ServerNameAlreadyExists", `Specified server name '${name}' is already used.`);
        }
        this.#requireOrigin(desired);
        const misplaced = existing ? undefined : subnetRejection(this, id, desired);
        if (misplaced) throw misplaced;
        const server =
            existing ??
            new FlexibleServerState(id, name, {
                startDatabase: this.options.startDatabase,
                settleTime: this.options.settleTime ?? 300,
            });
        await server.put(desired);
        this.#servers.set(id.toLowerCase(), server);
        return {
            ...before?.computed,
            fullyQualifiedDomainName: `${name}.postgres.database.azure.com`,
            state: "Ready",
            minorVersion: "1",
        };
    }

    /** A copy or replica needs the server that it comes from. */
    #requireOrigin({ createMode, sourceServerResourceId }: ServerProperties): void {
        if (sourceServerResourceId === undefined || createMode === "ReviveDropped") return;
        if (!this.serverById(sourceServerResourceId)) {
            throw new AzureError(
                404,
                "SourceServerNotFound",
                `The source server '${sourceServerResourceId}' was not found.`,
            );
        }
    }

    async #putChild(kind: Kind, id: string, properties: Properties, before: Resource | undefined): Promise<Properties> {
        const { instance } = this.#ofServer(id);
        const text = (key: string): string => {
            const value = properties[key];
            return typeof value === "string" ? value : "";
        };
        try {
            switch (kind.token) {
                case "dbforpostgresql:AdministratorsMicrosoftEntra": {
                    const type = text("principalType");
                    if (!["User", "Group", "ServicePrincipal"].includes(type)) {
                        throw invalidParameter(
                            `Invalid value '${type}' for principalType. Allowed: User, Group, ServicePrincipal.`,
                        );
                    }
                    if (!instance.entraAuthentication) {
                        throw new AzureError(
                            400,
                            "AadAuthDisabled",
                            "Microsoft Entra authentication is not enabled on this server.",
                        );
                    }
                    if (egressFault(this, this.#ofServer(id).properties) !== undefined) {
                        throw new AzureError(
                            400,
                            "AadAuthPrincipalCreationFailed",
                            "Failed to create Azure AD Principal. Reason - 0LP01: An unexpected error occurred while trying to validate user.",
                        );
                    }
                    await instance.createAdministrator({
                        objectId: text("objectId"),
                        principalName: text("principalName"),
                        principalType: type as ObjectType,
                    });
                    return {};
                }
                case "dbforpostgresql:Database":
                    if (before) {
                        const same = ["charset", "collation"].every(
                            (key) => before.properties[key] === properties[key],
                        );
                        if (!same) throw invalidParameter("The charset and collation of a database can't be changed.");
                        return {};
                    }
                    await instance.createDatabase(nameOfId(id), {
                        charset: text("charset"),
                        collation: text("collation"),
                    });
                    return {};
                case "dbforpostgresql:Configuration": {
                    await instance.setParameter(nameOfId(id), text("value"));
                    const parameter = await instance.parameter(nameOfId(id));
                    return {
                        defaultValue: parameter?.defaultValue,
                        isDynamicConfig: parameter?.isDynamic,
                        isReadOnly: false,
                        isConfigPendingRestart: parameter?.isDynamic === false,
                    };
                }
                default:
                    return before?.computed ?? {};
            }
        } catch (error) {
            if (error instanceof ServiceError) throw new AzureError(400, error.code, error.message);
            throw error;
        }
    }

    #putIdentity(id: string, before: Resource | undefined): Properties {
        if (before) return before.computed;
        const [objectId, applicationId] = [crypto.randomUUID(), crypto.randomUUID()];
        this.directory.add({
            type: "ServicePrincipal",
            objectId,
            applicationId,
            displayName: nameOfId(id),
            managedIdentity: true,
        });
        return { principalId: objectId, clientId: applicationId, tenantId: this.directory.tenantId };
    }

    async #removeEffect(resource: Resource): Promise<void> {
        const { kind, id } = resource;
        if (kind.token === "dbforpostgresql:Server") {
            await this.serverById(id)?.stop();
            this.#servers.delete(id.toLowerCase());
            return;
        }
        if (kind.token === "resources:ResourceGroup") {
            for (const server of this.list("dbforpostgresql:Server", id)) await this.delete(server.id);
            return;
        }
        if (kind.token === "managedidentity:UserAssignedIdentity") {
            this.directory.remove(String(resource.computed["principalId"]));
            return;
        }
        if (!kind.token.startsWith("dbforpostgresql:")) return;
        const server = this.#ofServer(id);
        await server.exclusively(kind, async () => {
            try {
                if (kind.token.endsWith(":AdministratorsMicrosoftEntra")) {
                    await server.instance.deleteAdministrator(nameOfId(id));
                } else if (kind.token.endsWith(":Database")) {
                    await server.instance.deleteDatabase(nameOfId(id));
                } else if (kind.token.endsWith(":Configuration")) {
                    await server.instance.resetParameter(nameOfId(id));
                }
            } catch (error) {
                if (error instanceof ServiceError) throw new AzureError(400, error.code, error.message);
                throw error;
            }
        });
    }

    #ofServer(childId: string): FlexibleServerState {
        const server = this.serverById(parentId(childId));
        if (!server) {
            throw new AzureError(404, "ResourceNotFound", `The Resource '${parentId(childId)}' was not found.`);
        }
        return server;
    }

    #requireParent(kind: Kind, id: string, properties: Properties): void {
        const parent =
            kind.token === "authorization:ManagementLockByScope" ? String(properties["scope"]) : parentOf(kind, id);
        if (parent === undefined || this.get(parent)) return;
        if (/\/resourceGroups\/[^/]+$/i.test(parent)) {
            throw new AzureError(
                404,
                "ResourceGroupNotFound",
                `Resource group '${nameOfId(parent)}' could not be found.`,
            );
        }
        throw new AzureError(
            404,
            "ParentResourceNotFound",
            `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`,
        );
    }

    #refuseLocked(id: string): void {
        const lock = this.list("authorization:ManagementLockByScope").find(
            ({ properties, id: lockId }) =>
                lockId.toLowerCase() !== id.toLowerCase() &&
                `${id.toLowerCase()}/`.startsWith(`${String(properties["scope"]).toLowerCase()}/`) &&
                !id.toLowerCase().includes("/providers/microsoft.authorization/locks/"),
        );
        if (lock) {
            const scope = String(lock.properties["scope"]);
            throw new AzureError(
                409,
                "ScopeLocked",
                `The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${scope}'. Please remove the lock and try again.`,
            );
        }
    }

    #refuseUsedSubnet({ kind, id }: Resource): void {
        if (kind.token !== "network:Subnet" && kind.token !== "network:VirtualNetwork") return;
        const user = [...this.#servers.values()].find(({ properties }) =>
            `${properties.network?.delegatedSubnetResourceId ?? ""}/`.toLowerCase().startsWith(`${id.toLowerCase()}/`),
        );
        if (user) {
            throw new AzureError(
                400,
                "InUseSubnetCannotBeDeleted",
                `Subnet ${nameOfId(id)} is in use by ${user.id} and cannot be deleted.`,
            );
        }
    }

    #arranged(kind: Kind, method: "put" | "delete"): void {
        const index = this.#failures.findIndex((failure) => failure.token === kind.token && failure.method === method);
        const [failure] = index < 0 ? [] : this.#failures.splice(index, 1);
        if (failure) throw failure.error;
    }
}

/** The resource that must exist before: the server of a database, the resource group of a server. */
function parentOf(kind: Kind, id: string): string | undefined {
    if (kind.token === "resources:ResourceGroup") return undefined;
    if (kind.names.length > 1) return kindOfId(parentId(id)) ? parentId(id) : undefined;
    return id.split("/").slice(0, 5).join("/");
}
