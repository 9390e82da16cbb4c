/** Why a sign-in fails: the closed set of causes, and what a person is told about each. */

/** What is looked at, in this order. */
export const layers = [
    "DNS",
    "TCP",
    "TLS",
    "Token",
    "Sign-in",
    "Role",
    "Label",
    "Login",
    "Group",
    "Database",
    "Privileges",
    "Administrators",
    "Network",
] as const;
export type Layer = (typeof layers)[number];

export interface CauseText {
    layer: Layer;
    /** The cause in one line. */
    title: string;
    /** What it means. */
    explanation: string;
    /** What to do. */
    fix: string;
    /** The document that says so, by its title. */
    source: string;
}

const entra = "Use Microsoft Entra ID for authentication with Azure Database for PostgreSQL";
const concepts = "Microsoft Entra authentication with Azure Database for PostgreSQL";
const roles = "Manage Microsoft Entra roles in Azure Database for PostgreSQL";
const privateAccess = "Network with private access (virtual network integration) for Azure Database for PostgreSQL";
const firewall = "Firewall rules in Azure Database for PostgreSQL";
const networking = "Networking overview for Azure Database for PostgreSQL";
const tls = "Transport layer security (TLS) in Azure Database for PostgreSQL";
const errorCodes = 'PostgreSQL, "PostgreSQL Error Codes"';
const protocol = 'PostgreSQL, "Message Flow"';
const privileges = 'PostgreSQL, "Privileges"';
const attributes = 'PostgreSQL, "Role Attributes"';
const claims = "Access token claims reference";

export const causes = {
    HostOfAnotherCloud: {
        layer: "DNS",
        title: "The host belongs to another cloud",
        explanation: "Each cloud has host names, tokens and a sign-in host of its own, and they don't mix.",
        fix: "Name the server's cloud with --cloud, or correct the host name.",
        source: networking,
    },
    ServerNameUnknown: {
        layer: "DNS",
        title: "The server's name isn't in DNS",
        explanation:
            "The name is misspelt, the server is gone, or it is private and its zone isn't linked with the network that asks.",
        fix: "Compare the name with the server's page. For a private server link its private DNS zone with this network, or ask from inside with --dns-server.",
        source: privateAccess,
    },
    DnsSilent: {
        layer: "DNS",
        title: "The DNS server doesn't answer",
        explanation: "No name can be looked up, neither the server's nor Entra's.",
        fix: "Check the DNS server's address, and that port 53 is open to it by UDP and TCP.",
        source: privateAccess,
    },
    DnsFailed: {
        layer: "DNS",
        title: "The DNS server fails to look a name up",
        explanation: 'It answers with an error instead of an address or "there is no such name".',
        fix: "Look into the DNS server's log and at what it forwards to; Azure's own resolver is 168.63.129.16.",
        source: privateAccess,
    },
    EntraHostUnknown: {
        layer: "DNS",
        title: "The network's DNS server doesn't know a host of Entra",
        explanation:
            "A server in the virtual network asks this DNS server. Without Entra's hosts no administrator is assigned and no token is validated.",
        fix: "Let the DNS server forward to 168.63.129.16, or to a public resolver.",
        source: entra,
    },
    EntraHostRedirected: {
        layer: "DNS",
        title: "The network's DNS server sends a host of Entra elsewhere",
        explanation: "A zone or a filter answers with an address that isn't public, where Entra isn't.",
        fix: "Remove the zone or the rule that answers for this host.",
        source: entra,
    },
    PortClosed: {
        layer: "TCP",
        title: "Nothing listens at the address and port",
        explanation:
            "The address answers and refuses. The port is wrong, the server is stopped, or the tunnel isn't up.",
        fix: "Use port 5432, or 6432 for PgBouncer. Start the server or the tunnel.",
        source: networking,
    },
    NoAnswer: {
        layer: "TCP",
        title: "Nothing answers at the address",
        explanation:
            "Packets get lost on the way: a firewall, a network security group or a missing route drops them, or the server is private and this machine is outside its network.",
        fix: "For a private server connect from inside its network, by VPN or by a tunnel (--host-address, --port). Let outbound port 5432 through.",
        source: networking,
    },
    ServerStopped: {
        layer: "TCP",
        title: "The server isn't running",
        explanation: "Azure says of it that it is stopped, or that something is under way.",
        fix: "Start it with `az postgres flexible-server start`, or wait until it is ready.",
        source: "Start and stop an Azure Database for PostgreSQL server",
    },
    NotPostgreSQL: {
        layer: "TLS",
        title: "What listens there doesn't answer as PostgreSQL does",
        explanation: "Something accepts the connection and then closes it, stays silent or speaks another protocol.",
        fix: "Check host and port, and the proxy or tunnel in between.",
        source: protocol,
    },
    TlsNotOffered: {
        layer: "TLS",
        title: "The server there offers no TLS",
        explanation:
            "It is a PostgreSQL, but no flexible server: those always offer TLS. A token must not be sent there.",
        fix: "Check host and port, and where the tunnel ends.",
        source: tls,
    },
    TlsRefused: {
        layer: "TLS",
        title: "Client and server find no way to encrypt",
        explanation: "The handshake breaks off: no version or cipher suits both, or something in between interferes.",
        fix: "Allow TLS 1.2 and 1.3 on this machine, and take the server out of TLS inspection.",
        source: tls,
    },
    CertificateUntrusted: {
        layer: "TLS",
        title: "The server's certificate is signed by nobody trusted",
        explanation: "This machine lacks the root certificate, or something in between shows a certificate of its own.",
        fix: "Have `entra-postgres connect --save-root-certificates` write those of the cloud, and trust that file. If the issuer isn't the cloud's, take the server out of TLS inspection.",
        source: tls,
    },
    CertificateOfAnotherHost: {
        layer: "TLS",
        title: "The certificate is for another host",
        explanation: "The name that was asked for isn't among those of the certificate, so this may be another server.",
        fix: "Connect by the full host name of the server, not by an address or an alias; for a tunnel add --host-address.",
        source: tls,
    },
    CertificateExpired: {
        layer: "TLS",
        title: "The certificate has expired",
        explanation: "Either the certificate is old, or the clock of this machine is ahead.",
        fix: "Compare this machine's clock. If it is right, this isn't the server's own certificate: check what is in between.",
        source: tls,
    },
    CertificateNotYetValid: {
        layer: "TLS",
        title: "The certificate isn't valid yet",
        explanation: "The clock of this machine is most likely behind.",
        fix: "Set the clock, best from a time server.",
        source: tls,
    },
    NoToken: {
        layer: "Token",
        title: "No token could be had",
        explanation: "The identity that was asked for isn't signed in on this machine, or Entra refused.",
        fix: "Sign in with `az login`, or name with --credential what this machine has.",
        source: entra,
    },
    NotAToken: {
        layer: "Token",
        title: "The password isn't a token",
        explanation:
            "Entra's token stands in place of the password, alone and whole: no word before it, no quotes, no part missing.",
        fix: "Set PGPASSWORD to the output of the command that `entra-postgres connect` prints.",
        source: entra,
    },
    TokenExpired: {
        layer: "Token",
        title: "The token has expired",
        explanation:
            "A token lasts from five minutes to an hour. A connection that stands goes on; a new one needs a new token.",
        fix: "Get a new token and try again.",
        source: entra,
    },
    ClockBehind: {
        layer: "Token",
        title: "The clock of this machine is behind",
        explanation:
            "The token begins to be good only in the future of this machine, and Entra issues none in advance.",
        fix: "Set the clock, best from a time server.",
        source: claims,
    },
    ClockAhead: {
        layer: "Token",
        title: "The clock of this machine is ahead",
        explanation: "The token came just now and has expired already by the clock of this machine.",
        fix: "Set the clock, best from a time server.",
        source: claims,
    },
    TokenOfAnotherCloud: {
        layer: "Token",
        title: "The token is for the database of another cloud",
        explanation: "Each cloud has tokens of its own.",
        fix: "Choose the cloud with `az cloud set`, sign in again, and get a token for this cloud's scope.",
        source: entra,
    },
    TokenForAnotherService: {
        layer: "Token",
        title: "The token is for another service",
        explanation: "A token is good for one service. The server takes only those for the database.",
        fix: "Ask for the database: `az account get-access-token --resource-type oss-rdbms`, or the scope that `entra-postgres connect --json` names.",
        source: entra,
    },
    TokenWithoutObject: {
        layer: "Token",
        title: "The token names no object of the tenant",
        explanation:
            "Without an object id the server can't tell who signs in. So it is when a guest signs in to the home tenant, or a client of the wrong kind asks.",
        fix: "Sign in to the server's tenant: `az login --tenant <tenant>`.",
        source: entra,
    },
    TokenOfAnotherTenant: {
        layer: "Token",
        title: "The token is from another tenant",
        explanation:
            "A role stands for an object of the server's tenant. The same person has another object in another tenant.",
        fix: "Sign in to the server's tenant: `az login --tenant <tenant>`, then get a new token.",
        source: concepts,
    },
    TokenInvalid: {
        layer: "Token",
        title: "The server finds the token invalid",
        explanation:
            "It reaches Entra, since others sign in, but this token's signature doesn't hold: it was changed or cut, or nobody of this cloud signed it.",
        fix: "Get a new token and hand it on unchanged.",
        source: entra,
    },
    TokenNotValidated: {
        layer: "Sign-in",
        title: "The server couldn't validate the token",
        explanation: "Either the token was changed on the way, or the server doesn't reach Entra.",
        fix: "Get a new token. If it goes on, look with --administrator, and with the files of the network security group and the route table.",
        source: entra,
    },
    SignInRefused: {
        layer: "Sign-in",
        title: "The server refuses without saying why",
        explanation:
            "There is no such role, it is written differently, it has no label, or it stands for somebody else or another tenant. Or Entra authentication is off.",
        fix: "Compare the name with Entra: case and spaces count. An administrator sees the cause: --administrator.",
        source: roles,
    },
    EntraAuthenticationOff: {
        layer: "Sign-in",
        title: "Entra authentication is off on this server",
        explanation: "Azure says so of the server. Without it no token opens anything.",
        fix: 'Switch it on, and make the principals: `authentication: { mode: "EntraOnly" }`, or with passwords besides.',
        source: concepts,
    },
    UnknownRefusal: {
        layer: "Sign-in",
        title: "The server refuses for a reason not known here",
        explanation: "Its message is none of those that stand for a cause.",
        fix: "Look the message up in the server's log.",
        source: errorCodes,
    },
    ConnectionNotEncrypted: {
        layer: "Sign-in",
        title: "The connection isn't encrypted",
        explanation: "The server takes encrypted connections only.",
        fix: "Connect with sslmode=verify-full.",
        source: tls,
    },
    ServerFull: {
        layer: "Sign-in",
        title: "The server has no connection left",
        explanation: "All connections of the server are in use; a few are kept for the service and for administrators.",
        fix: "End idle sessions, use a pool such as PgBouncer (port 6432), or raise max_connections.",
        source: errorCodes,
    },
    ServerNotReady: {
        layer: "Sign-in",
        title: "The server is starting, stopping or recovering",
        explanation: "It passes by itself, as after a restart, a failover or a change of size.",
        fix: "Try again in a minute.",
        source: errorCodes,
    },
    RoleMissing: {
        layer: "Role",
        title: "There is no such role",
        explanation:
            "The user name of a sign-in is the name of a role, which is made on the server: an object of Entra alone isn't enough.",
        fix: "Give access in the program and deploy it, or correct the name.",
        source: roles,
    },
    RoleNameCase: {
        layer: "Role",
        title: "The role is written in another case",
        explanation: "Role names are exact: small and capital letters differ.",
        fix: "Sign in with the name as it is.",
        source: entra,
    },
    RoleNameSpaces: {
        layer: "Role",
        title: "The role is written with other spaces",
        explanation: "Role names are exact: a space more or less, or one of another kind, makes another name.",
        fix: "Sign in with the name as it is, in quotes where the shell asks for them.",
        source: entra,
    },
    GuestName: {
        layer: "Role",
        title: "A guest signs in with another name",
        explanation:
            "The role of a guest is called as the inviting tenant calls the guest, with #EXT# in it, and not as the mail address.",
        fix: "Sign in with the name as it is, in quotes.",
        source: roles,
    },
    GroupNameNeeded: {
        layer: "Role",
        title: "A member signs in under the group's name",
        explanation: "Group sync is off, so the group has a role and its members have none.",
        fix: "Give the group's name as user name, with your own token. Or switch group sync on.",
        source: entra,
    },
    MemberNotSynced: {
        layer: "Role",
        title: "The member's role isn't there yet",
        explanation: "Group sync is on and makes members' roles every 30 minutes.",
        fix: "Wait, or run `entra-postgres sync`. Until then the group's name works, unless it may not sign in.",
        source: entra,
    },
    LabelMissing: {
        layer: "Label",
        title: "The role isn't an Entra principal",
        explanation: "The role has no label that ties it to an object of Entra, so no token opens it.",
        fix: 'Let an Entra administrator label it (SECURITY LABEL FOR "pgaadauth"), or drop it and let the program make it.',
        source: roles,
    },
    ApplicationOnUserRole: {
        layer: "Label",
        title: "An application's token is used for a user's role",
        explanation: "The role stands for a person; the token is an application's or a managed identity's.",
        fix: "Sign in as that person, or give the application's own role as user name.",
        source: roles,
    },
    UserOnApplicationRole: {
        layer: "Label",
        title: "A user's token is used for an application's role",
        explanation: "The role stands for an application or a managed identity; the token is a person's.",
        fix: "Sign in as the application. If the role was meant for a person or a group, make it again with that type.",
        source: roles,
    },
    ObjectMismatch: {
        layer: "Label",
        title: "The role stands for another object",
        explanation:
            "The object id in the role's label isn't the token's. The object may have been deleted and made again, another identity may have signed in, or the id in the label is the wrong one.",
        fix: 'Sign in as the identity that was meant, or set the label to the object id of the enterprise application: `onObjectIdChange: "Relabel"` does.',
        source: roles,
    },
    ObjectRecreated: {
        layer: "Label",
        title: "The object was deleted in Entra and made again",
        explanation: "It has the old name and a new object id, and the role's label still holds the old one.",
        fix: 'Label the role anew; its grants stay. `onObjectIdChange: "Relabel"` does.',
        source: concepts,
    },
    RoleOfAnotherUser: {
        layer: "Label",
        title: "The role belongs to somebody else",
        explanation: "A role of a user opens with that user's own token only.",
        fix: "Give your own name as user name, or your group's.",
        source: roles,
    },
    MfaMissing: {
        layer: "Label",
        title: "The role asks for a second factor",
        explanation: "Its label demands a token that was got with multifactor authentication.",
        fix: "Sign in to Entra anew with a second factor, then get a new token.",
        source: roles,
    },
    LoginOff: {
        layer: "Login",
        title: "The role may not sign in",
        explanation: "It has no LOGIN.",
        fix: "Sign in as another role, or let an administrator run ALTER ROLE ... LOGIN.",
        source: attributes,
    },
    GroupLoginOff: {
        layer: "Login",
        title: "The group's name may not sign in, its members may",
        explanation: "Group sync is on, and the group's role was made NOLOGIN so that each signs in by name.",
        fix: "Sign in with your own name.",
        source: entra,
    },
    NotAMember: {
        layer: "Group",
        title: "The token isn't of a member of the group",
        explanation:
            "The token lists the groups at the time it was issued, and the role's isn't among them: whoever signs in isn't a member, or wasn't yet.",
        fix: "Add the member to the group in Entra, then sign in anew for a new token.",
        source: concepts,
    },
    GroupsLeftOut: {
        layer: "Group",
        title: "The token leaves the groups out",
        explanation:
            "Whoever signs in belongs to more groups than a token lists, which is 200, so the token lists none and the server doesn't see the membership.",
        fix: "Leave groups, or make the member a principal with a role of its own.",
        source: claims,
    },
    TokenOlderThanMembership: {
        layer: "Group",
        title: "The token is older than the membership",
        explanation: "The server knows the member already; the token was issued before and doesn't list the group.",
        fix: "Sign in to Entra anew (`az logout`, `az login`) and get a new token.",
        source: concepts,
    },
    DatabaseMissing: {
        layer: "Database",
        title: "There is no such database",
        explanation: "Names of databases are exact: case counts.",
        fix: "Correct the name, or make the database.",
        source: errorCodes,
    },
    ConnectMissing: {
        layer: "Database",
        title: "The role may not connect to the database",
        explanation: "It signs in, but it has no CONNECT there.",
        fix: "Give access to this database in the program, or let its owner run GRANT CONNECT.",
        source: privileges,
    },
    ConnectionLimit: {
        layer: "Database",
        title: "The role or the database has no connection left",
        explanation: "A limit of its own is reached; the server has room.",
        fix: "End idle sessions, or raise it with ALTER ROLE or ALTER DATABASE ... CONNECTION LIMIT.",
        source: attributes,
    },
    SchemaUsageMissing: {
        layer: "Privileges",
        title: "The role may not use the schema",
        explanation: "It is in the database, but without USAGE on the schema it sees nothing in it.",
        fix: "Give access to the schema in the program, or let its owner run GRANT USAGE ON SCHEMA.",
        source: privileges,
    },
    TableMissing: {
        layer: "Privileges",
        title: "There is no such table",
        explanation: "Names of schemas and tables are exact; without quotes SQL makes them small letters.",
        fix: "Correct the name, or name the schema as well.",
        source: privileges,
    },
    TablePrivilegeMissing: {
        layer: "Privileges",
        title: "The role lacks a privilege on tables",
        explanation:
            "It signs in and uses the schema. A table made later by an owner that nobody named is left out, too.",
        fix: "Give access in the program and name the owners of future tables there, or let the owner run GRANT.",
        source: privileges,
    },
    RightsNotInherited: {
        layer: "Privileges",
        title: "The role is a member but doesn't inherit",
        explanation: "The group has the privilege. The membership is without INHERIT, so it holds only after SET ROLE.",
        fix: "Run ALTER ROLE ... INHERIT and grant the membership again WITH INHERIT TRUE, or use SET ROLE.",
        source: 'PostgreSQL, "Role Membership"',
    },
    NoAdministrator: {
        layer: "Administrators",
        title: "The server has no Entra administrator",
        explanation: "This sign-in works, but nobody can make principals or help when one fails.",
        fix: "Assign an administrator, best a group.",
        source: entra,
    },
    FirewallRuleMissing: {
        layer: "Network",
        title: "The server's firewall doesn't let this address in",
        explanation:
            "A server with public access lets in the addresses of its firewall rules and no others; with public access off, none.",
        fix: "Add a firewall rule for the address that the message names. It may take five minutes.",
        source: firewall,
    },
    PublicAccessOff: {
        layer: "Network",
        title: "Public access to the server is off",
        explanation:
            "Azure says so of the server: whatever its firewall rules are, it is reached only by its private endpoints.",
        fix: "Connect from a network with a private endpoint of the server whose DNS zone is linked, or switch public access on.",
        source: "Azure Database for PostgreSQL networking with Private Link",
    },
    InboundBlocked: {
        layer: "Network",
        title: "The network's rules keep this machine from the server",
        explanation:
            "The security rules of the delegated subnet don't let the client's address in, so nothing answers.",
        fix: "Allow inbound 5432 from the client's block, and 6432 for PgBouncer. `entra-postgres network check --client` shows every answer.",
        source: privateAccess,
    },
    EgressBlocked: {
        layer: "Network",
        title: "The network keeps the server from reaching Entra",
        explanation: "The delegated subnet's rules or routes stop HTTPS to Entra, so the server validates no token.",
        fix: "Allow outbound 443 to the service tag AzureActiveDirectory, and route it to the Internet. `entra-postgres network check` shows every answer.",
        source: privateAccess,
    },
    EntraUnreachable: {
        layer: "Network",
        title: "The server doesn't reach Entra",
        explanation: "It validates nobody's token, not the administrator's either.",
        fix: "Run `entra-postgres network check` and `network dns` for the server's network; allow outbound 443 to the service tag AzureActiveDirectory.",
        source: entra,
    },
} as const satisfies Record<string, CauseText>;

/** The name of a cause. */
export type Cause = keyof typeof causes;
