/** What a failed sign-in means. Texts of the service changed over the years, so they are matched by their constant parts. */

/** The kinds of failure that a text of the service tells apart. */
export type SignInFailureKind =
    | "ApplicationOnUserRole"
    | "ConnectionNotEncrypted"
    | "FirewallRuleMissing"
    | "LoginOff"
    | "NotAMember"
    | "ObjectMismatch"
    | "RoleMissing"
    | "SignInRefused"
    | "TokenExpired"
    | "TokenForAnotherService"
    | "TokenNotValidated"
    | "TokenWithoutObject"
    | "UserOnApplicationRole";

export interface SignInFailure {
    kind: SignInFailureKind;
    /** A short name of the cause. */
    cause: string;
    /** What a person does next. */
    fix: string;
    /** Whether it may pass by itself, as right after an administrator was made. */
    mayPass: boolean;
}

const failures: readonly (SignInFailure & { pattern: RegExp })[] = [
    {
        kind: "TokenExpired",
        pattern: /access token has expired/i,
        cause: "the token has expired",
        fix: "Get a new one: tokens last from five minutes to an hour.",
        mayPass: false,
    },
    {
        kind: "TokenForAnotherService",
        pattern: /valid audience claim/i,
        cause: "the token is for another service or another cloud",
        fix: "Ask for the scope of the database in this cloud (setting entra-postgres:cloud).",
        mayPass: false,
    },
    {
        kind: "TokenWithoutObject",
        pattern: /valid oid claim/i,
        cause: "the token names no object of the tenant",
        fix: "Sign in to the tenant of the server; a guest signs in to the inviting tenant.",
        mayPass: false,
    },
    {
        kind: "ApplicationOnUserRole",
        pattern: /is neither an AAD_AUTH_TOKENTYPE_APP_USER/i,
        cause: "an application's token was used for a user's role",
        fix: "Sign in as that user, or give the application's own role as user name.",
        mayPass: false,
    },
    {
        kind: "UserOnApplicationRole",
        pattern: /cannot generate AAD_AUTH_TOKENTYPE_APP_USER/i,
        cause: "a user's token was used for an application's role",
        fix: "Sign in as the application, or make the role with type User or Group.",
        mayPass: false,
    },
    {
        kind: "ObjectMismatch",
        pattern: /oid mismatch/i,
        cause: "the role stands for another object than the one that signed in",
        fix: "The object may have been deleted and made again: relabel the role, or give the object id rather than the application id.",
        mayPass: false,
    },
    {
        kind: "NotAMember",
        pattern: /does not contain group ID/i,
        cause: "whoever signed in isn't a member of the group",
        fix: "Add the member to the group, then get a new token: old ones keep the old groups.",
        mayPass: true,
    },
    {
        kind: "TokenNotValidated",
        pattern: /validating the access token/i,
        cause: "the password isn't a token of Entra",
        fix: "Give the token itself as the password, without the word Bearer.",
        mayPass: false,
    },
    {
        kind: "ConnectionNotEncrypted",
        pattern: /no pg_hba\.conf entry.*no encryption/i,
        cause: "the connection isn't encrypted",
        fix: "Connect with sslmode=verify-full.",
        mayPass: false,
    },
    {
        kind: "FirewallRuleMissing",
        pattern: /no pg_hba\.conf entry/i,
        cause: "the server's firewall doesn't let this address in",
        fix: "Add a firewall rule for the address that this machine has on the Internet.",
        mayPass: true,
    },
    {
        kind: "LoginOff",
        pattern: /is not permitted to log in/i,
        cause: "the role may not sign in",
        fix: "With group sync, sign in as yourself instead of as the group.",
        mayPass: false,
    },
    {
        kind: "SignInRefused",
        pattern: /password authentication failed/i,
        cause: "the role doesn't exist, isn't an Entra principal, or is written differently",
        fix: "Role names are exact: case and spaces count.",
        mayPass: true,
    },
    {
        kind: "RoleMissing",
        pattern: /role ".*" does not exist/i,
        cause: "the role doesn't exist",
        fix: "Create the principal first; role names are exact: case and spaces count.",
        mayPass: true,
    },
];

/** The cause behind an error of signing in, if it is one. */
export function signInFailure(message: string): SignInFailure | undefined {
    const found = failures.find(({ pattern }) => pattern.test(message));
    return found && { kind: found.kind, cause: found.cause, fix: found.fix, mayPass: found.mayPass };
}
