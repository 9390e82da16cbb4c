import * as pulumi from "@pulumi/pulumi";
import { type ConnectionFacts, connectionFacts } from "./access/connection";
import { DatabaseAccess, validateDatabaseAccess } from "./access/database-access";
import { EntraPrincipal, validateEntraPrincipal } from "./access/entra-principal";
import { postgresqlProvider } from "./access/postgresql-provider";
import { PublicRevocation } from "./access/public-revocation";
import { type AccessRights, describeRights } from "./access/rights";
import type { Cloud } from "./clouds";
import { type Fault, plain, refuse, within } from "./faults";
import { PublicAccess, type PublicAccessRules, validatePublicAccess } from "./network/public-access";
import { type Authentication, validateAuthentication } from "./server/authentication";
import { type DatabaseSettings, ServerDatabases, validateDatabases } from "./server/databases";
import { DeletionGuard } from "./server/deletion-guard";
import {
    type EntraAdministrator,
    EntraAdministrators,
    type PrincipalType,
    validateAdministrators,
} from "./server/entra-administrators";
import { FlexibleServer, type ServerSettings, validateCloud, validateServerSettings } from "./server/flexible-server";
import { ServerParameters, groupSyncParameter, validateParameters } from "./server/parameters";

/** The server has a public endpoint; firewall rules name who reaches it. */
export interface PublicAccessNetwork extends PublicAccessRules {
    mode: "PublicAccess";
}

/** How clients reach the server. Fixed when it is created. */
export type EntraPostgresNetwork = PublicAccessNetwork;

/** An Entra object that gets a role of its own. */
export interface AccessPrincipal {
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
    principal: AccessPrincipal;
    /** The name of a database of this server. */
    database: string;
};

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
        ...within("network", validateNetwork(args.network)),
        ...within("databases", validateDatabases(args.databases ?? [])),
        ...within("parameters", validateParameters(args.parameters ?? {})),
        ...validateGroupSync(args),
        ...validateSignInAs(args),
        ...within("access", validateAccess(args)),
        ...validateCloud(args.cloud),
    ];
}

function validateNetwork(network: EntraPostgresNetwork): Fault[] {
    const mode: string = network.mode;
    if (mode !== "PublicAccess") {
        return [{ field: "mode", given: mode, allowed: "PublicAccess", fix: "Name a network mode." }];
    }
    return validatePublicAccess(network);
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

        const server = (this.server = createServer(this));
        const administrators = createAdministrators(this);
        const parameters = createParameters(this);
        const databases = createDatabases(this);
        const network = createNetwork(this);
        this.principals = createPrincipals(this);
        const grants = createAccess(this);
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

        function createServer(parent: pulumi.Resource): FlexibleServer {
            return new FlexibleServer(
                name,
                {
                    ...args.server,
                    resourceGroupName: args.resourceGroupName,
                    authentication: args.authentication,
                    network: { mode: "PublicAccess" },
                    cloud,
                },
                { parent },
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

        function createNetwork(parent: pulumi.Resource): pulumi.Resource {
            return new PublicAccess(
                name,
                { ...args.network, server },
                { parent, dependsOn: [administrators, parameters, databases] },
            );
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
                            dependsOn: [administrators, parameters, databases, network],
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
                    dependsOn: [server, administrators, parameters, databases, network].concat(
                        Object.values(parent.principals),
                        grants,
                    ),
                },
            );
        }

        function createAccess(parent: EntraPostgres): pulumi.Resource[] {
            const isolated = (args.databases ?? []).filter(({ publicAccess }) => publicAccess !== "Kept");
            if ((args.access ?? []).length + isolated.length === 0) return [];
            const provider = postgresqlProvider(
                name,
                { serverName: server.serverName, cloud, signInAs, tenantId: server.tenantId },
                { parent, dependsOn: [network] },
            );
            const postgresqlVersion = args.server.version;
            // Concurrent changes of one database's privileges fail, so what concerns one database comes one after another.
            const last = new Map<string, pulumi.Resource>();
            const all: pulumi.Resource[] = [provider];
            for (const { name: database } of isolated) {
                keep(
                    database,
                    new PublicRevocation(
                        `${name}-${database}`,
                        {
                            server,
                            database,
                            keep: args.administrators.map((each) => each.name),
                            provider,
                            postgresqlVersion,
                        },
                        { parent, dependsOn: [databases, network] },
                    ),
                );
            }
            for (const { principal, ...access } of args.access ?? []) {
                const role = parent.principals[principal.name];
                if (!role) continue;
                const before = last.get(access.database);
                keep(
                    access.database,
                    new DatabaseAccess(
                        `${name}-${access.database}-${principal.name}`,
                        { ...access, principal: principal.name, signInAs, server, provider, postgresqlVersion },
                        { parent, dependsOn: [databases, network, role, ...(before ? [before] : [])] },
                    ),
                );
            }
            return all;

            function keep(database: string, grants: pulumi.Resource): void {
                last.set(database, grants);
                all.push(grants);
            }
        }
    }
}
