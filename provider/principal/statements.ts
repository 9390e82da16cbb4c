/** The SQL by which principals are read, made, changed and dropped. Text only: nothing here connects. */
import { createHash } from "node:crypto";
import pg from "pg";
import { type LabelType, formatLabel } from "./label";

/** A statement with its values kept apart. */
export interface Statement {
    /** By which a connection keeps it prepared. */
    name?: string;
    text: string;
    values: unknown[];
}

const identifier = (name: string): string => pg.escapeIdentifier(name);

/** What is known of a role; no row when there is none. */
export function readRole(name: string): Statement {
    return {
        name: "read-role",
        text: `
            SELECT r.oid, r.rolcanlogin AS can_login, r.rolcreaterole AS can_create_roles,
                   (SELECT l.label FROM pg_shseclabel l
                     WHERE l.objoid = r.oid AND l.classoid = 'pg_authid'::regclass AND l.provider = 'pgaadauth-int') AS mapping,
                   (SELECT l.label FROM pg_shseclabel l
                     WHERE l.objoid = r.oid AND l.classoid = 'pg_authid'::regclass AND l.provider = 'pgaadauth') AS request
              FROM pg_roles r WHERE r.rolname = $1`,
        values: [name],
    };
}

/** Begins a transaction that holds the lock of a role, or of something else, so that one deployment at a time works on it. */
export function beginOn(what: string): string {
    const key = createHash("sha256").update(`entra-postgres/${what}`).digest().readBigInt64BE();
    return `BEGIN; SELECT pg_advisory_xact_lock(${String(key)})`;
}

export interface Creation {
    name: string;
    type: LabelType;
    objectId: string | undefined;
    isAdmin: boolean;
    isMfa: boolean;
}

/** Makes a role for an Entra object; by its id when that is known. Database `postgres` only. */
export function createPrincipal({ name, type, objectId, isAdmin, isMfa }: Creation): Statement {
    return objectId === undefined
        ? {
              text: "SELECT pgaadauth_create_principal($1::text, $2::boolean, $3::boolean)",
              values: [name, isAdmin, isMfa],
          }
        : {
              text: "SELECT pgaadauth_create_principal_with_oid($1::text, $2::text, $3::text, $4::boolean, $5::boolean)",
              values: [name, objectId, type, isAdmin, isMfa],
          };
}

/** Sets a role's label; a statement of its own, since `SECURITY LABEL` takes no values. */
export function relabel(creation: Creation & { objectId: string }): string {
    return `SECURITY LABEL FOR "pgaadauth" ON ROLE ${identifier(creation.name)} IS ${pg.escapeLiteral(formatLabel(creation))}`;
}

/** What the service's function does for an administrator besides the label. */
export function administrate(name: string, isAdmin: boolean): string[] {
    return isAdmin
        ? [`ALTER ROLE ${identifier(name)} CREATEROLE CREATEDB`, `GRANT azure_pg_admin TO ${identifier(name)}`]
        : [`ALTER ROLE ${identifier(name)} NOCREATEROLE NOCREATEDB`, `REVOKE azure_pg_admin FROM ${identifier(name)}`];
}

export function setLogin(name: string, canLogin: boolean): string {
    return `ALTER ROLE ${identifier(name)} ${canLogin ? "LOGIN" : "NOLOGIN"}`;
}

export function rename(from: string, to: string): string {
    return `ALTER ROLE ${identifier(from)} RENAME TO ${identifier(to)}`;
}

/** Databases in which a role owns something or has privileges; an empty name stands for what all databases share. */
export function dependencies(roleId: number): Statement {
    return {
        text: `
            SELECT coalesce(d.datname, '') AS database, bool_or(s.deptype = 'o') AS owns, count(*)::int AS objects
              FROM pg_shdepend s LEFT JOIN pg_database d ON d.oid = s.dbid
             WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = $1 AND s.deptype IN ('o', 'a', 'i')
             GROUP BY 1 ORDER BY 1`,
        values: [roleId],
    };
}

/** The first objects that a role owns, in words; in the database in which it runs, or shared ones. */
export function ownedObjects(roleId: number, shared: boolean): Statement {
    return {
        text: `
            SELECT pg_describe_object(s.classid, s.objid, s.objsubid) AS object
              FROM pg_shdepend s
             WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = $1 AND s.deptype = 'o'
               AND s.dbid = ${shared ? "0" : "(SELECT oid FROM pg_database WHERE datname = current_database())"}
             ORDER BY 1 LIMIT 10`,
        values: [roleId],
    };
}

/** Whether the administrator has a role's rights already. */
export function mayActAs(role: string): Statement {
    return { text: "SELECT pg_has_role(current_user, $1::name, 'USAGE') AS member", values: [role] };
}

/** Lets the administrator act as a role, which PostgreSQL 16 and newer ask for before its objects change hands. */
export function becomeMember(role: string): string {
    return `GRANT ${identifier(role)} TO CURRENT_USER`;
}

/** Ends what {@link becomeMember} began. */
export function leave(role: string): string {
    return `REVOKE ${identifier(role)} FROM CURRENT_USER`;
}

export function reassignOwned(from: string, to: string): string {
    return `REASSIGN OWNED BY ${identifier(from)} TO ${identifier(to)}`;
}

export function dropOwned(role: string): string {
    return `DROP OWNED BY ${identifier(role)}`;
}

export function endSessions(role: string): Statement {
    return {
        text: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()",
        values: [role],
    };
}

export function dropRole(role: string): string {
    return `DROP ROLE IF EXISTS ${identifier(role)}`;
}

/** Whether group sync is on; null where the server doesn't know it. */
export const groupSyncSetting = "SELECT current_setting('pgaadauth.enable_group_sync', true) AS value";
