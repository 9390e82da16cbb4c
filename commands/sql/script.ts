/** The desired state of a preview as one SQL script, for servers that the deployment can't reach. */
import pg from "pg";
import {
    type DefaultPrivilegesInputs,
    type GrantInputs,
    type MembershipInputs,
    defaultPrivilegesStatements,
    giveStatements,
    grantStatements,
    membershipStatement,
} from "../../provider/grants/statements";
import { readAccess } from "../../provider/grants/inputs";
import { labelTypeOf, readPrincipal } from "../../provider/principal/inputs";
import { setLogin } from "../../provider/principal/statements";

/** A resource that a preview wants to be there. */
export interface WantedResource {
    type: string;
    inputs: Record<string, unknown>;
}

const literal = (text: string): string => pg.escapeLiteral(text).trim();

/** Principals first, then the grants of one database after another; running it twice changes nothing the second time. */
export function scriptFor(resources: readonly WantedResource[]): string {
    const principals = resources.filter(({ type }) => type === "entra-postgres:index:EntraPrincipal");
    const databases = new Map<string, string[]>();
    const add = (database: string, ...statements: string[]): void => {
        databases.set(database, [...(databases.get(database) ?? []), ...statements]);
    };
    for (const { type, inputs } of resources) {
        switch (type) {
            case "entra-postgres:index:DatabaseAccess": {
                const access = readAccess(inputs);
                add(access.database, ...access.grants.flatMap((grant) => giveStatements(access, grant)));
                break;
            }
            case "postgresql:index/grant:Grant": {
                const grant = inputs as unknown as GrantInputs;
                add(grant.database, ...grantStatements(grant));
                break;
            }
            case "postgresql:index/defaultPrivileges:DefaultPrivileges": {
                const wanted = inputs as unknown as DefaultPrivilegesInputs;
                add(wanted.database, ...defaultPrivilegesStatements(wanted));
                break;
            }
            case "postgresql:index/grantRole:GrantRole":
                add("postgres", membershipStatement(inputs as unknown as MembershipInputs));
                break;
        }
    }
    const signInAs = [...new Set(principals.map(({ inputs }) => readPrincipal(inputs).signInAs))];
    const servers = [...new Set(principals.map(({ inputs }) => readPrincipal(inputs).serverName))];
    if (servers.length > 1) {
        throw new Error(
            `The preview has principals on several servers (${servers.join(", ")}): preview one stack at a time.`,
        );
    }
    return [
        "-- Entra principals and their grants, as the stack wants them. Running it again changes nothing.",
        `-- Server: ${comment(servers[0] ?? "the one of the stack")}`,
        `-- Sign in as an Entra administrator: ${comment(signInAs.join(", ") || "any")}`,
        "\\set ON_ERROR_STOP on",
        ...section(
            "postgres",
            principals.flatMap(({ inputs }) => principalStatements(inputs)),
        ),
        ...[...databases].flatMap(([database, statements]) => section(database, statements)),
        "",
    ].join("\n");
}

function section(database: string, statements: string[]): string[] {
    if (statements.length === 0) return [];
    // psql takes an argument in single quotes as it is, with quotes inside doubled.
    const argument = `'${database.replace(/'/g, "''").replace(/\\/g, "\\\\")}'`;
    return ["", `\\connect ${argument}`, "BEGIN;", ...statements.map((statement) => `${statement};`), "COMMIT;"];
}

/** Makes a principal, or finds that it is there; a role that stands for something else stops the script. */
function principalStatements(inputs: Record<string, unknown>): string[] {
    const { name, type, objectId, isAdmin, isMfa, canLogin } = readPrincipal(inputs);
    const flags = `${String(isAdmin)}, ${String(isMfa)}`;
    const create =
        objectId === undefined
            ? `pgaadauth_create_principal(${literal(name)}, ${flags})`
            : `pgaadauth_create_principal_with_oid(${literal(name)}, ${literal(objectId)}, ${literal(labelTypeOf(type))}, ${flags})`;
    const expected = `type=${labelTypeOf(type)},${objectId === undefined ? "" : `oid=${objectId},`}%`;
    const body = `BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)}) THEN
        PERFORM ${create};
    ELSIF NOT EXISTS (
        SELECT FROM pg_shseclabel l JOIN pg_roles r ON r.oid = l.objoid
         WHERE l.classoid = 'pg_authid'::regclass AND l.provider = 'pgaadauth-int'
           AND r.rolname = ${literal(name)} AND l.label LIKE ${literal(expected)}) THEN
        RAISE EXCEPTION 'role % exists and stands for something else', quote_ident(${literal(name)});
    END IF;
END`;
    return [`DO ${literal(body)}`, setLogin(name, canLogin)];
}

function comment(text: string): string {
    return text.replace(/[\r\n]/g, " ");
}
