/** The SQL that gives rights and takes them away. Text only: nothing here connects. */
import pg from "pg";
import type { PlannedGrant } from "../../components/access/rights";

/** Inputs of `postgresql:Grant`. */
export interface GrantInputs {
    role: string;
    database: string;
    schema?: string;
    objectType: "database" | "schema" | "table" | "sequence" | "function" | "procedure" | "routine";
    objects?: string[];
    privileges: string[];
    withGrantOption?: boolean;
}

/** Inputs of `postgresql:DefaultPrivileges`. */
export interface DefaultPrivilegesInputs {
    role: string;
    database: string;
    owner: string;
    schema?: string;
    objectType: "table" | "sequence" | "function" | "type" | "schema";
    privileges: string[];
    withGrantOption?: boolean;
}

const identifier = (name: string): string => pg.escapeIdentifier(name);

/** `PUBLIC` isn't a role and must not be quoted; PostgreSQL lets no role have this name, but any other spelling of it. */
function grantee(role: string): string {
    return role === "public" ? "PUBLIC" : identifier(role);
}

/** Words stand in a statement as they are. */
function words(given: string): string {
    if (!/^[A-Za-z]+( [A-Za-z]+)*$/.test(given)) throw new Error(`${JSON.stringify(given)} is no word of SQL.`);
    return given.toUpperCase();
}

function listed(privileges: readonly string[]): string {
    return privileges.map(words).join(", ");
}

function target(grant: GrantInputs): string {
    const { objectType, database, schema = "public", objects = [] } = grant;
    if (objectType === "database") return `DATABASE ${identifier(database)}`;
    if (objectType === "schema") return `SCHEMA ${identifier(schema)}`;
    const word = words(objectType);
    if (objects.length === 0) return `ALL ${word}S IN SCHEMA ${identifier(schema)}`;
    const isRoutine = ["FUNCTION", "PROCEDURE", "ROUTINE"].includes(word);
    const named = objects.map((object) => `${identifier(schema)}.${isRoutine ? routine(object) : identifier(object)}`);
    return `${word} ${named.join(", ")}`;
}

/** Functions are given with their arguments: "area(double precision)". */
function routine(given: string): string {
    const [, name, types] = /^([^(]+)(?:\(([\w ,.[\]]*)\))?$/.exec(given) ?? [];
    if (name === undefined) {
        throw new Error(`${JSON.stringify(given)} is no function with its arguments, such as area(double precision).`);
    }
    return types === undefined ? identifier(name) : `${identifier(name)}(${types})`;
}

export function revokeStatement(grant: GrantInputs): string {
    return `REVOKE ALL PRIVILEGES ON ${target(grant)} FROM ${grantee(grant.role)}`;
}

/** Takes everything away and gives what is wanted. */
export function grantStatements(grant: GrantInputs): string[] {
    const revoke = revokeStatement(grant);
    if (grant.privileges.length === 0) return [revoke];
    return [
        revoke,
        `GRANT ${listed(grant.privileges)} ON ${target(grant)} TO ${grantee(grant.role)}${optionOf(grant)}`,
    ];
}

/** As {@link grantStatements}, for objects made later. */
export function defaultPrivilegesStatements(inputs: DefaultPrivilegesInputs): string[] {
    const revoke = revokeDefaultPrivilegesStatement(inputs);
    if (inputs.privileges.length === 0) return [revoke];
    const give = `GRANT ${listed(inputs.privileges)} ON ${objectsOf(inputs)} TO ${grantee(inputs.role)}${optionOf(inputs)}`;
    return [revoke, `${alterDefaults(inputs)} ${give}`];
}

export function revokeDefaultPrivilegesStatement(inputs: DefaultPrivilegesInputs): string {
    return `${alterDefaults(inputs)} REVOKE ALL ON ${objectsOf(inputs)} FROM ${grantee(inputs.role)}`;
}

function alterDefaults({ owner, schema = "" }: DefaultPrivilegesInputs): string {
    const scope = schema === "" ? "" : ` IN SCHEMA ${identifier(schema)}`;
    return `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)}${scope}`;
}

function objectsOf({ objectType }: DefaultPrivilegesInputs): string {
    return `${words(objectType)}S`;
}

function optionOf({ withGrantOption }: { withGrantOption?: boolean }): string {
    return withGrantOption === true ? " WITH GRANT OPTION" : "";
}

/** Inputs of `postgresql:GrantRole`. */
export interface MembershipInputs {
    role: string;
    grantRole: string;
    withAdminOption?: boolean;
}

export function membershipStatement({ role, grantRole, withAdminOption }: MembershipInputs): string {
    const option = withAdminOption === true ? " WITH ADMIN OPTION" : "";
    return `GRANT ${identifier(grantRole)} TO ${identifier(role)}${option}`;
}

export function endMembershipStatement({ role, grantRole }: MembershipInputs): string {
    return `REVOKE ${identifier(grantRole)} FROM ${identifier(role)}`;
}

/** Who is given something, and where. */
interface Grantee {
    role: string;
    database: string;
}

/** What makes a grant exactly what it says, whatever was there. */
export function giveStatements({ role, database }: Grantee, grant: PlannedGrant): string[] {
    switch (grant.kind) {
        case "Grant":
            return grantStatements({ role, database, ...grant });
        case "DefaultPrivileges":
            return defaultPrivilegesStatements({ role, database, ...grant });
        case "Membership":
            return [membershipStatement({ role, grantRole: grant.grantRole })];
    }
}

/** What gives a grant to who has nothing of the kind yet. */
export function giveAtOnce(grantee: Grantee, grant: PlannedGrant): string[] {
    return giveStatements(grantee, grant).slice(-1);
}

export function takeStatement({ role, database }: Grantee, grant: PlannedGrant): string {
    switch (grant.kind) {
        case "Grant":
            return revokeStatement({ role, database, ...grant });
        case "DefaultPrivileges":
            return revokeDefaultPrivilegesStatement({ role, database, ...grant });
        case "Membership":
            return endMembershipStatement({ role, grantRole: grant.grantRole });
    }
}
