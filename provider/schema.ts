/** The package's schema: what the engine needs to import resources and to generate code. */
import { version } from "../package.json";
import { clouds } from "../components/clouds";
import components from "./construct/component-schema.json";
import { credentialKinds } from "./configuration";
import { principalTypes } from "./principal/inputs";

const text = (description: string) => ({ type: "string", description });
const flag = (description: string) => ({ type: "boolean", description });

const configuration = {
    cloud: text(`The cloud: ${Object.keys(clouds).join(", ")}. Default: Public.`),
    tenantId: text("The Entra tenant to sign in to, a GUID. Default: the credential's own."),
    credential: text(`Where the deployment's identity comes from: ${credentialKinds.join(", ")}. Default: Default.`),
    clientId: text("The client id of a user-assigned managed identity or of a workload identity."),
    hostAddress: text("Connect to this address instead of resolving the server's name; TLS still checks the name."),
    port: { type: "integer", description: "The port to connect to. Default: 5432." },
    rootCertificate: text("Certificates in PEM to trust besides the system's."),
    signInAs: text("The administrator's role to sign in as while importing."),
    maxConnectionsPerServer: { type: "integer", description: "Connections to a server at one time. Default: 6." },
    patience: {
        type: "integer",
        description:
            "Seconds to wait for what passes by itself: replication in Entra, a restart, a full server. Default: 300.",
    },
};

const principalInputs = {
    serverName: text("The server's name, or its full host name."),
    name: text("The role's name, case-sensitive, 1 to 63 bytes."),
    type: text(`The kind of Entra object: ${principalTypes.join(", ")}.`),
    objectId: text("The object's id in Entra. Default: looked up by name."),
    isAdmin: flag("Whether the principal becomes an administrator. Default: false."),
    isMfa: flag("Whether sign-in demands multifactor authentication. Default: false."),
    canLogin: flag("Whether the role itself may sign in. Default: true."),
    signInAs: text("The Entra administrator whose role the deployment signs in as."),
    reassignOwnedTo: text("The role that takes over what the principal owns when it is deleted."),
    onObjectIdChange: text("Refuse or Relabel, when the object id changes. Default: Refuse."),
    adopt: flag("Whether an existing role of the same Entra object is taken over. Default: true."),
};

const accessInputs = {
    serverName: text("The server's name, or its full host name."),
    database: text("The database's name."),
    role: text("The principal's role."),
    signInAs: text("The Entra administrator whose role the deployment signs in as."),
    grants: {
        type: "array",
        items: { $ref: "#/types/entra-postgres:index:DatabaseGrant" },
        description: "What the role may do, grant by grant.",
    },
};

/** One grant of a {@link accessInputs}; which properties go together is checked. */
const databaseGrant = {
    type: "object",
    description: "A grant: Grant on what is there, DefaultPrivileges on what is made later, or Membership in a role.",
    properties: {
        kind: text("Grant, DefaultPrivileges or Membership."),
        objectType: text("database, schema, table, sequence or function."),
        schema: text("The schema, unless the grant is on the database."),
        objects: { type: "array", items: { type: "string" }, description: "Tables by name. Default: all." },
        owner: text("Whose future objects DefaultPrivileges are about."),
        privileges: { type: "array", items: { type: "string" }, description: "The privileges, such as SELECT." },
        grantRole: text("The role that a Membership is in."),
    },
    required: ["kind"],
};

const guardInputs = {
    serverName: text("The server's name."),
    administratorLogin: text("The PostgreSQL administrator's name."),
    networkMode: text("PublicAccess or VirtualNetworkIntegration."),
    delegatedSubnetId: text("The ARM id of the delegated subnet."),
    privateDnsZoneId: text("The ARM id of the private DNS zone."),
    geoRedundantBackup: flag("Whether backups are copied to the paired region."),
    dataEncryption: flag("Whether the data are encrypted with a key of one's own."),
    storageSizeGB: { type: "integer", description: "The storage in GiB." },
    storageAutoGrow: flag("Whether the service enlarges the storage by itself."),
    version: text("The major version of PostgreSQL."),
    allowReplacement: flag("Whether nothing is refused."),
};

const deletionGuardInputs = {
    serverName: text("The server's name."),
    protect: flag("Whether deletion is refused."),
};

export const schema = {
    name: "entra-postgres",
    version,
    displayName: "Entra PostgreSQL",
    description: "Microsoft Entra sign-in and principals in Azure Database for PostgreSQL flexible server.",
    license: "Apache-2.0",
    config: { variables: configuration },
    provider: { inputProperties: configuration, description: "How servers are reached, and as whom." },
    types: { ...components.types, "entra-postgres:index:DatabaseGrant": databaseGrant },
    resources: {
        ...components.resources,
        "entra-postgres:index:EntraPrincipal": {
            description: "A Microsoft Entra user, group, service principal or managed identity as a role of a server.",
            inputProperties: principalInputs,
            requiredInputs: ["serverName", "name", "type", "signInAs"],
            properties: {
                ...principalInputs,
                tenantId: text("The tenant of the Entra object."),
                host: text("The server's host name."),
            },
            required: ["serverName", "name", "type", "signInAs", "objectId", "tenantId", "host"],
        },
        "entra-postgres:index:DatabaseAccess": {
            description: "What a principal may do in one database.",
            inputProperties: accessInputs,
            requiredInputs: Object.keys(accessInputs),
            properties: accessInputs,
            required: Object.keys(accessInputs),
        },
        "entra-postgres:index:FlexibleServerGuard": {
            description: "Remembers what a server was created with and refuses what would replace it.",
            inputProperties: guardInputs,
            requiredInputs: ["serverName", "networkMode", "version", "storageSizeGB"],
            properties: guardInputs,
            required: ["serverName", "networkMode", "version", "storageSizeGB"],
        },
        "entra-postgres:index:DeletionGuard": {
            description:
                "Is deleted before everything that belongs to a server, and refuses while the server is protected.",
            inputProperties: deletionGuardInputs,
            requiredInputs: ["serverName", "protect"],
            properties: deletionGuardInputs,
            required: ["serverName", "protect"],
        },
    },
};
