/** The desired state of a preview as one SQL script, for servers that the deployment can't reach. */
import pg from "pg";
import { conninfoValue } from "../../components/access/connection-string";
import type { PlannedGrant } from "../../components/access/rights";
import { hidden, visible } from "../../components/visible";
import { readOwnersToJoin } from "../../provider/grants/owners";
import {
    type DefaultPrivilegesInputs,
    type GrantInputs,
    type MembershipInputs,
    defaultPrivilegesStatements,
    giveStatements,
    grantStatements,
    membershipStatement,
} from "../../provider/grants/statements";
import { checkAccess, readAccess } from "../../provider/grants/inputs";
import { checkPrincipal, labelTypeOf, readPrincipal } from "../../provider/principal/inputs";
import { setLogin } from "../../provider/principal/statements";
import { type CheckFailure, hasUnknown } from "../../provider/protocol/implementation";

/** A resource that a preview wants to be there. */
export interface WantedResource {
    type: string;
    inputs: Record<string, unknown>;
}

/** Principals first, then the grants of one database after another; running it twice changes nothing the second time. */
export function scriptFor(resources: readonly WantedResource[]): string {
    refuseFaulty(resources);
    const principals = resources.filter(({ type }) => type === "entra-postgres:index:EntraPrincipal");
    const databases = new Map<string, { grants: PlannedGrant[]; statements: string[] }>();
    const add = (database: string, grants: PlannedGrant[], statements: string[]): void => {
        const before = databases.get(database) ?? { grants: [], statements: [] };
        databases.set(database, {
            grants: [...before.grants, ...grants],
            statements: [...before.statements, ...statements.map(quotedVisibly)],
        });
    };
    for (const { type, inputs } of resources) {
        switch (type) {
            case "entra-postgres:index:DatabaseAccess": {
                const access = readAccess(inputs);
                const statements = access.grants.flatMap((grant) => giveStatements(access, grant));
                add(access.database, access.grants, statements);
                break;
            }
            case "postgresql:index/grant:Grant": {
                const grant = inputs as unknown as GrantInputs;
                add(grant.database, [], grantStatements(grant));
                break;
            }
            case "postgresql:index/defaultPrivileges:DefaultPrivileges": {
                const wanted = inputs as unknown as DefaultPrivilegesInputs;
                add(wanted.database, [], defaultPrivilegesStatements(wanted));
                break;
            }
            case "postgresql:index/grantRole:GrantRole":
                add("postgres", [], [membershipStatement(inputs as unknown as MembershipInputs)]);
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
        `-- Server: ${visible(servers[0] ?? "the one of the stack")}`,
        `-- Sign in as an Entra administrator: ${visible(signInAs.join(", ") || "any")}`,
        "\\set ON_ERROR_STOP on",
        ...section(
            "postgres",
            principals.flatMap(({ inputs }) => ended(principalStatements(inputs))),
        ),
        ...[...databases].flatMap(([database, { grants, statements }]) =>
            section(database, withOwners(grants, ended(statements))),
        ),
        "",
    ].join("\n");
}

/** A script is run by somebody with all rights: it says nothing that the provider would have refused, or couldn't know. */
function refuseFaulty(resources: readonly WantedResource[]): void {
    const checks: Record<string, (inputs: Record<string, unknown>) => CheckFailure[]> = {
        "entra-postgres:index:EntraPrincipal": checkPrincipal,
        "entra-postgres:index:DatabaseAccess": checkAccess,
    };
    const faults = resources.flatMap(({ type, inputs }) => {
        const check = checks[type];
        if (!check && !type.startsWith("postgresql:")) return [];
        const what = `${type.split(":").at(-1) ?? type} ${JSON.stringify(inputs["name"] ?? inputs["role"])}`;
        return [
            ...(check?.(inputs) ?? []).map(({ property, reason }) => `${what}: ${property}: ${reason}`),
            ...Object.keys(inputs)
                .filter((property) => hasUnknown(inputs[property]))
                .map((property) => `${what}: ${property} isn't known before the deployment; give it in the program`),
        ];
    });
    if (faults.length > 0) throw new Error(`No script can be written:\n  ${faults.join("\n  ")}`);
}

function ended(statements: readonly string[]): string[] {
    return statements.map((statement) => `${statement};`);
}

/** Statements for which the administrator joins owners whose rights they need, until they are done. */
function withOwners(grants: readonly PlannedGrant[], lines: string[]): string[] {
    if (grants.length === 0) return lines;
    const { text, values } = readOwnersToJoin(grants);
    const query = text.replace(/^ {8}/gm, "").replace(/\$(\d)/g, (_, number: string) => {
        const names = [...new Set(values[Number(number) - 1])];
        return `ARRAY[${names.map(literal).join(", ")}]::text[]`;
    });
    const forEach = (statement: string): string =>
        `SELECT format('${statement}', owner) FROM unnest(:'owners'::text[]) AS owner \\gexec`;
    return [
        "-- Until its end this transaction joins owners whose rights are needed for what follows.",
        `SELECT coalesce(array_agg(owner), '{}') AS owners FROM (${query}) AS owners \\gset`,
        forEach("GRANT %I TO CURRENT_USER"),
        ...lines,
        forEach("REVOKE %I FROM CURRENT_USER"),
    ];
}

function section(database: string, lines: string[]): string[] {
    if (lines.length === 0) return [];
    return [
        "",
        // A name alone would be taken for a connection string if it looked like one, and lead elsewhere.
        `\\connect -reuse-previous=on ${argument(`dbname=${conninfoValue(database)}`)}`,
        "\\encoding UTF8",
        "BEGIN;",
        // What somebody may have put into the way of PostgreSQL's own functions isn't meant.
        "SET LOCAL search_path TO pg_catalog, pg_temp;",
        ...lines,
        "COMMIT;",
    ];
}

/**
 * Text as the argument of `\\connect`, which ends where the line does, and which psql reads twice: as single quotes say and
 * then as double quotes say. Source: psql, "Meta-Commands".
 */
function argument(text: string): string {
    const escaped = `"${text.replace(/"/g, '""')}"`
        .replace(/\\/g, "\\\\")
        .replace(/'/g, "''")
        .replace(hidden, (character) =>
            [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
        );
    return `'${escaped}'`;
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
    return [`DO ${pg.escapeLiteral(body).trim()}`, quotedVisibly(setLogin(name, canLogin))];
}

/** A string constant in which everything can be seen. */
function literal(text: string): string {
    const quoted = pg.escapeLiteral(text).trim();
    const shown = quoted.replace(hidden, (character) => codePoint(character, "\\u", "\\U", 8));
    return shown === quoted ? quoted : `E${quoted.startsWith("E") ? shown.slice(1) : shown}`;
}

/** A statement whose names, in double quotes, can be seen whole: somebody reads this before it is run. */
function quotedVisibly(statement: string): string {
    return statement.replace(/"(?:[^"]|"")*"/g, (name) => {
        const escaped = name.replace(/\\/g, "\\\\");
        const shown = escaped.replace(hidden, (character) => codePoint(character, "\\", "\\+", 6));
        return shown === escaped ? name : `U&${shown}`;
    });
}

/** A character by number: four digits, or more where it has more. */
function codePoint(character: string, short: string, long: string, digits: number): string {
    const number = (character.codePointAt(0) ?? 0).toString(16);
    return number.length <= 4 ? `${short}${number.padStart(4, "0")}` : `${long}${number.padStart(digits, "0")}`;
}
