import * as pulumi from "@pulumi/pulumi";
import { type ConnectionFacts, connectionFacts } from "./access/connection";
import { DatabaseAccess, validateDatabaseAccess } from "./access/database-access";
import { EntraPrincipal, validateEntraPrincipal } from "./access/entra-principal";
import { postgresqlProvider } from "./access/postgresql-provider";
import { PublicRevocation } from "./access/public-revocation";
import { type AccessRights, describeRights } from "./access/rights";
import type { Cloud } from "./clouds";
import { type Fault, plain, refuse, within } from "./faults";
import {
    PrivateEndpointAccess,
    type PrivateEndpointSettings,
    privateEndpointNetwork,
    validatePrivateEndpoint,
} from "./network/private-endpoint-access";
import { PublicAccess, type PublicAccessRules, validatePublicAccess } from "./network/public-access";
import { VirtualNetworkIntegration } from "./network/virtual-network-integration";
import { type VirtualNetworkSettings, validateVirtualNetworkIntegration } from "./network/virtual-network-plan";
import { type Authentication, validateAuthentication } from "./server/authentication";
import { type DatabaseSettings, ServerDatabases, validateDatabases } from "./server/databases";
import { DeletionGuard } from "./server/deletion-guard";
import {
    type EntraAdministrator,
    EntraAdministrators,
    type PrincipalType,
    validateAdministrators,
} from "./server/entra-administrators";
import {
    FlexibleServer,
    type ServerReference,
    type ServerSettings,
    validateCloud,
    validateServerSettings,
} from "./server/flexible-server";
import { defaultServerName } from "./server/names";
import type { ServerNetwork } from "./server/network";
import { ServerParameters, groupSyncParameter, validateParameters } from "./server/parameters";

/** The server has a public endpoint; firewall rules name who reaches it. */
export interface PublicAccessNetwork extends PublicAccessRules {
    /** `PublicAccess`: a public endpoint with firewall rules. */
    mode: "PublicAccess";
}

/** The server lives in a delegated subnet and has no public endpoint. */
export type IntegratedNetwork = VirtualNetworkSettings & {
    /** `VirtualNetworkIntegration`: in a delegated subnet. */
    mode: "VirtualNetworkIntegration";
};

/** The server has an endpoint in a subnet; its public one is closed unless told otherwise, and then has firewall rules. */
export type PrivateEndpointNetwork = PrivateEndpointSettings &
    PublicAccessRules & {
        /** `PrivateEndpoint`: an endpoint in a subnet. */
        mode: "PrivateEndpoint";
    };

/** How clients reach the server. Between a delegated subnet and the others there is no way back or forth. */
export type EntraPostgresNetwork = PublicAccessNetwork | IntegratedNetwork | PrivateEndpointNetwork;

/** An Entra object that gets a role of its own. */
export interface AccessPrincipal {
    /** The kind of Entra object. A managed identity is a ServicePrincipal. */
    type: PrincipalType;
    /** The role's name: the object's name in Entra, or any other name when `objectId` is given. */
    name: string;
    /**
     * The object's id in Entra; of a service principal the object id of the enterprise application.
     * @default - the server looks the name up in the tenant
     */
    objectId?: pulumi.Input<string>;
    /**
     * What a group's role is for while group sync is on: `GroupOrMembers` lets members sign in as the group or as
     * themselves, `MembersOnly` as themselves alone.
     * @default "GroupOrMembers"
     */
    loginAs?: "GroupOrMembers" | "MembersOnly";
}

/** What one principal may do in one database. */
export type Access = AccessRights & {
    /** Who gets the rights. */
    principal: AccessPrincipal;
    /** The name of a database of this server. */
    database: string;
};

/** Everything that `EntraPostgres` makes. */
export interface EntraPostgresArgs {
    /** The resource group in which the server is made. */
    resourceGroupName: pulumi.Input<string>;
    /** The server itself: version, compute, storage, backup. */
    server: ServerSettings;
    /** Who signs in: Entra principals only, or passwords as well. */
    authentication: Authentication;
    /**
     * The server's Entra administrators, at least one. The deployment itself must be one of them, or a member of a group
     * that is, to create the principals.
     */
    administrators: EntraAdministrator[];
    /** How clients reach the server, and how it reaches Entra. */
    network: EntraPostgresNetwork;
    /** @default - only the databases that every server has */
    databases?: DatabaseSettings[];
    /**
     * Server parameters by name.
     * @default - the service's own values
     */
    parameters?: Record<string, string>;
    /**
     * Whether the members of groups get roles of their own, which the service keeps in step with the group.
     * @default false
     */
    groupSync?: boolean;
    /** @default - nobody but the administrators */
    access?: Access[];
    /**
     * The administrator whose role the deployment signs in as, by name.
     * @default - the first of `administrators`
     */
    signInAs?: string;
    /**
     * Whether given object ids of administrators are checked in the directory at preview.
     * @default false
     */
    verifyInDirectory?: boolean;
    /** @default "Public" */
    cloud?: Cloud;
}

/** Checks all arguments without registering anything. */
export function validateEntraPostgres(args: EntraPostgresArgs): Fault[] {
    return [
        ...within("server", validateServerSettings(args.server)),
        ...within("authentication", validateAuthentication(args.authentication)),
        ...within("administrators", validateAdministrators(args.administrators)),
        ...within("network", validateNetwork(args)),
        ...within("databases", validateDatabases(args.databases ?? [])),
        ...within("parameters", validateParameters(args.parameters ?? {})),
        ...validateGroupSync(args),
        ...validateSignInAs(args),
        ...within("access", validateAccess(args)),
        ...validateCloud(args.cloud),
    ];
}

function validateNetwork({ network, cloud, server }: EntraPostgresArgs): Fault[] {
    switch (network.mode) {
        case "PublicAccess":
            return validatePublicAccess(network);
        case "VirtualNetworkIntegration":
            return validateVirtualNetworkIntegration("network", {
                ...network,
                resourceGroupName: "unused",
                ...(cloud !== undefined && { cloud }),
                ...(server.serverName !== undefined && { serverName: server.serverName }),
            });
        case "PrivateEndpoint":
            return [
                ...validatePrivateEndpoint(network, cloud),
                ...validatePublicAccess(network),
                ...(network.publicNetworkAccess !== "Enabled" && (network.firewallRules ?? []).length > 0
                    ? [
                          {
                              field: "firewallRules",
                              given: `${String(network.firewallRules?.length)} rules`,
                              allowed: "none while publicNetworkAccess is Disabled",
                              fix: "They would have no effect: remove them, or keep the public endpoint open.",
                          },
                      ]
                    : []),
            ];
        default:
            return [
                {
                    field: "mode",
                    given: (network as { mode: unknown }).mode,
                    allowed: "PublicAccess, VirtualNetworkIntegration, PrivateEndpoint",
                    fix: "Name a network mode.",
                },
            ];
    }
}

function validateGroupSync({ groupSync, parameters, access }: EntraPostgresArgs): Fault[] {
    const faults: Fault[] = [];
    if (parameters !== undefined && groupSyncParameter in parameters) {
        faults.push({
            field: `parameters.${groupSyncParameter}`,
            given: parameters[groupSyncParameter],
            allowed: "nothing",
            fix: "Use groupSync, which also keeps the groups' roles right.",
        });
    }
    (access ?? []).forEach(({ principal }, index) => {
        if (principal.loginAs === "MembersOnly" && (groupSync !== true || principal.type !== "Group")) {
            faults.push({
                field: `access[${String(index)}].principal.loginAs`,
                given: principal.loginAs,
                allowed: "GroupOrMembers unless the principal is a Group and groupSync is true",
                fix: "Switch groupSync on: without it nobody could sign in.",
            });
        }
    });
    return faults;
}

function validateSignInAs({ signInAs, administrators }: EntraPostgresArgs): Fault[] {
    const names = administrators.map(({ name }) => plain(name));
    if (signInAs === undefined && administrators.length > 0 && names[0] === undefined) {
        return [
            {
                field: "signInAs",
                given: undefined,
                allowed: "an administrator's name, when the first one's isn't known before the deployment",
                fix: "Say as whom the deployment signs in.",
            },
        ];
    }
    if (signInAs === undefined || names.includes(undefined) || names.includes(signInAs)) return [];
    return [
        {
            field: "signInAs",
            given: signInAs,
            allowed: `the name of an administrator: ${names.join(", ")}`,
            fix: "Only an Entra administrator can create principals.",
        },
    ];
}

function validateAccess({ access, databases, administrators }: EntraPostgresArgs): Fault[] {
    const known = new Set(["postgres", ...(databases ?? []).map(({ name }) => name)]);
    const principals = new Map<string, AccessPrincipal>();
    const pairs = new Set<string>();
    return (access ?? []).flatMap((entry, index) => {
        const { principal, database } = entry;
        const faults = [
            ...within("principal", validateEntraPrincipal({ ...principal, serverName: "unused", signInAs: "unused" })),
            ...validateDatabaseAccess({ ...entry, principal: principal.name }),
        ];
        if (!known.has(database)) {
            faults.push({
                field: "database",
                given: database,
                allowed: [...known].join(", "),
                fix: "Add it to databases, or correct the name.",
            });
        }
        const administrator = administrators.find(
            (candidate) =>
                plain(candidate.name) === principal.name ||
                (plain(candidate.objectId) !== undefined &&
                    plain(candidate.objectId)?.toLowerCase() === plain(principal.objectId)?.toLowerCase()),
        );
        if (administrator) {
            faults.push({
                field: "principal",
                given: principal.name,
                allowed: "an Entra object that isn't an administrator",
                fix: "One object can't be both; an administrator has access already.",
            });
        }
        const same = principals.get(principal.name);
        if (same && (same.type !== principal.type || plain(same.objectId) !== plain(principal.objectId))) {
            faults.push({
                field: "principal",
                given: principal.name,
                allowed: "the same type and object id wherever the name stands",
                fix: "Give two Entra objects two role names.",
            });
        }
        principals.set(principal.name, principal);
        const pair = JSON.stringify([principal.name, database]);
        if (pairs.has(pair)) {
            faults.push({
                field: "",
                given: `${principal.name} in ${database}`,
                allowed: "one entry for a principal and a database",
                fix: "Put both rights into one entry.",
            });
        }
        pairs.add(pair);
        return within(`[${String(index)}]`, faults);
    });
}

/**
 * A flexible server from its network to the roles in its databases: the members of an Entra group sign in with a token and
 * can do what the group was given, and nothing else.
 *
 * Everything is made in one chain, since the service takes one operation at a time and since databases belong to whoever is
 * administrator when they are made: server, administrators, parameters, databases, firewall rules, principals, grants.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class EntraPostgres extends pulumi.ComponentResource {
    /** The server. */
    readonly server: FlexibleServer;
    /** The server's host name. */
    readonly host: string;
    /** Each principal by its role's name. */
    readonly principals: Record<string, EntraPrincipal>;
    /** What a person or an application must know to connect; nothing in it is secret. */
    readonly connect: pulumi.Output<ConnectionFacts>;

    constructor(name: string, args: EntraPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("EntraPostgres", name, validateEntraPostgres(args));
        super("entra-postgres:index:EntraPostgres", name, {}, opts);

        const cloud = args.cloud ?? "Public";
        const signInAs = args.signInAs ?? plain(args.administrators[0]?.name) ?? "";

        const integration = createIntegration(this);
        const server = (this.server = createServer(this));
        const administrators = createAdministrators(this);
        const parameters = createParameters(this);
        const databases = createDatabases(this);
        const network = createNetwork(this);
        this.principals = createPrincipals(this);
        const revocations = createRevocations(this);
        const access = createAccess(this);
        createDeletionGuard(this);

        this.host = server.host;
        this.connect = pulumi.output(
            connectionFacts(
                server.serverName,
                cloud,
                (args.access ?? []).map((access) => ({
                    user: access.principal.name,
                    principalType: access.principal.type,
                    database: access.database,
                    access: describeRights(access),
                })),
            ),
        );
        this.registerOutputs({ host: this.host, connect: this.connect });

        /** What must be there before a server in a delegated subnet: the subnet with its rules and routes, and the zone. */
        function createIntegration(parent: pulumi.Resource): VirtualNetworkIntegration | undefined {
            if (args.network.mode !== "VirtualNetworkIntegration") return undefined;
            const { mode: _, ...settings } = args.network;
            return new VirtualNetworkIntegration(
                name,
                {
                    ...settings,
                    resourceGroupName: args.resourceGroupName,
                    cloud,
                    serverName: args.server.serverName ?? defaultServerName(name),
                    ...(args.server.location !== undefined && { location: args.server.location }),
                },
                { parent },
            );
        }

        function serverNetwork(): ServerNetwork {
            if (integration) return integration.serverNetwork;
            return args.network.mode === "PrivateEndpoint"
                ? privateEndpointNetwork(args.network)
                : { mode: "PublicAccess" };
        }

        function createServer(parent: pulumi.Resource): FlexibleServer {
            return new FlexibleServer(
                name,
                {
                    ...args.server,
                    resourceGroupName: args.resourceGroupName,
                    authentication: args.authentication,
                    network: serverNetwork(),
                    cloud,
                },
                { parent, dependsOn: integration?.serverNetwork.dependsOn ?? [] },
            );
        }

        function createAdministrators(parent: pulumi.Resource): EntraAdministrators {
            return new EntraAdministrators(
                name,
                {
                    server,
                    administrators: args.administrators,
                    ...(args.authentication.tenantId !== undefined && { tenantId: args.authentication.tenantId }),
                    ...(args.verifyInDirectory !== undefined && { verifyInDirectory: args.verifyInDirectory }),
                },
                { parent, dependsOn: [server] },
            );
        }

        function createParameters(parent: pulumi.Resource): ServerParameters {
            const parameters = {
                ...args.parameters,
                ...(args.groupSync !== undefined && { [groupSyncParameter]: args.groupSync ? "on" : "off" }),
            };
            return new ServerParameters(name, { server, parameters }, { parent, dependsOn: [administrators] });
        }

        function createDatabases(parent: pulumi.Resource): ServerDatabases {
            return new ServerDatabases(
                name,
                { server, databases: args.databases ?? [], protect: args.server.protect ?? true },
                { parent, dependsOn: [administrators, parameters] },
            );
        }

        /** What opens the server to clients; a delegated subnet needs nothing more. */
        function createNetwork(parent: pulumi.Resource): pulumi.Resource[] {
            const { network: settings } = args;
            if (settings.mode === "VirtualNetworkIntegration") return [];
            const before = [administrators, parameters, databases];
            const access = new PublicAccess(name, { ...settings, server }, { parent, dependsOn: before });
            if (settings.mode === "PublicAccess") return [access];
            const endpoint = new PrivateEndpointAccess(
                name,
                {
                    ...settings,
                    server: { ...referenceTo(server), serverId: server.serverId },
                    ...(args.server.location !== undefined && { location: args.server.location }),
                },
                { parent, dependsOn: [...before, access] },
            );
            return [access, endpoint];
        }

        function createPrincipals(parent: pulumi.Resource): Record<string, EntraPrincipal> {
            const unique = new Map((args.access ?? []).map(({ principal }) => [principal.name, principal]));
            return Object.fromEntries(
                [...unique.values()].map((principal) => [
                    principal.name,
                    new EntraPrincipal(
                        `${name}-${principal.name}`,
                        {
                            serverName: server.serverName,
                            name: principal.name,
                            type: principal.type,
                            ...(principal.objectId !== undefined && { objectId: principal.objectId }),
                            canLogin: principal.loginAs !== "MembersOnly",
                            signInAs,
                        },
                        {
                            parent,
                            dependsOn: [administrators, parameters, databases, ...network],
                            ...(server.deletedWith && { deletedWith: server.deletedWith }),
                        },
                    ),
                ]),
            );
        }

        function createDeletionGuard(parent: EntraPostgres): void {
            new DeletionGuard(
                name,
                { serverName: server.serverName, protect: args.server.protect ?? true },
                {
                    parent,
                    dependsOn: [
                        ...[server, administrators, parameters, databases, ...network],
                        ...[...Object.values(parent.principals), ...revocations.values(), ...access],
                    ],
                },
            );
        }

        /** Takes from everybody what PostgreSQL gives to everybody, database by database. */
        function createRevocations(parent: pulumi.Resource): Map<string, PublicRevocation> {
            const isolated = (args.databases ?? []).filter(({ publicAccess }) => publicAccess !== "Kept");
            if (isolated.length === 0) return new Map();
            const provider = postgresqlProvider(
                name,
                { serverName: server.serverName, cloud, signInAs, tenantId: server.tenantId },
                { parent, dependsOn: network },
            );
            return new Map(
                isolated.map(({ name: database }) => [
                    database,
                    new PublicRevocation(
                        `${name}-${database}`,
                        {
                            server,
                            database,
                            keep: args.administrators.map((each) => each.name),
                            provider,
                            postgresqlVersion: args.server.version,
                        },
                        { parent, dependsOn: [administrators, databases, ...network] },
                    ),
                ]),
            );
        }

        function createAccess(parent: EntraPostgres): DatabaseAccess[] {
            const common = { signInAs, server, postgresqlVersion: args.server.version };
            /** The principals among these roles: what names a role comes after it and goes before it. */
            const principalsAmong = (roles: readonly string[] = []): EntraPrincipal[] =>
                roles.flatMap((each) => parent.principals[each] ?? []);
            return Object.entries(parent.principals).flatMap(([principal, role]) => {
                const entries = (args.access ?? []).filter((entry) => entry.principal.name === principal);
                const accesses = entries.map(({ principal: _, ...entry }) => {
                    // PostgreSQL refuses concurrent changes of one database's privileges.
                    const revocation = revocations.get(entry.database);
                    const dependsOn = [databases, ...network, role, ...principalsAmong(entry.objectOwners)];
                    return new DatabaseAccess(
                        `${name}-${entry.database}-${principal}`,
                        { ...withoutMemberships(entry), ...common, principal },
                        { parent, dependsOn: [...dependsOn, ...(revocation ? [revocation] : [])] },
                    );
                });
                const memberOf = [...new Set(entries.flatMap(membershipsOf))];
                if (memberOf.length === 0) return accesses;
                // A membership holds on the whole server: what one entry gives up another one may still ask for.
                const memberships = new DatabaseAccess(
                    `${name}-memberships/${principal}`,
                    {
                        ...common,
                        principal,
                        database: "postgres",
                        profile: "Custom",
                        databasePrivileges: [],
                        schemaPrivileges: [],
                        memberOf,
                    },
                    { parent, dependsOn: [...network, role, ...principalsAmong(memberOf), ...accesses] },
                );
                return [...accesses, memberships];
            });
        }
    }
}

function membershipsOf(rights: AccessRights): string[] {
    return rights.profile === "Custom" ? (rights.memberOf ?? []) : [];
}

function withoutMemberships<Rights extends AccessRights>(rights: Rights): Rights {
    return rights.profile === "Custom" && rights.memberOf ? { ...rights, memberOf: [] } : rights;
}

/** The parts of a server that other components work with. */
function referenceTo(server: FlexibleServer): ServerReference {
    const { serverName, resourceGroupName, cloud, deletedWith, retryWhileBusy } = server;
    return { serverName, resourceGroupName, cloud, retryWhileBusy, ...(deletedWith && { deletedWith }) };
}
