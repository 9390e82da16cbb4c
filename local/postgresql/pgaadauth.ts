/**
 * A stand-in for the service's `pgaadauth` extension, in SQL. It writes real security labels, so that everything which
 * reads or drops roles sees what it would see on Azure.
 *
 * Source: "Manage Microsoft Entra roles in Azure Database for PostgreSQL". What no document tells is marked "unconfirmed".
 */

/** What exists from a server's first day, before Entra authentication is switched on. Run in database `postgres`. */
export const foundation = `
CREATE ROLE azure_pg_admin NOLOGIN CREATEROLE CREATEDB;
GRANT pg_monitor, pg_signal_backend TO azure_pg_admin WITH ADMIN OPTION;
DO $$
DECLARE
    role name;
BEGIN
    -- Later versions have more of them.
    FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('pg_checkpoint', 'pg_use_reserved_connections') LOOP
        EXECUTE format('GRANT %I TO azure_pg_admin WITH ADMIN OPTION', role);
    END LOOP;
END $$;
CREATE SCHEMA pgaadauth_standin;
GRANT USAGE ON SCHEMA pgaadauth_standin TO PUBLIC;

CREATE TABLE pgaadauth_standin.tenant (tenant_id text NOT NULL);
CREATE TABLE pgaadauth_standin.directory (
    object_id text PRIMARY KEY, type text NOT NULL, name text NOT NULL, replicated_at timestamptz NOT NULL);
CREATE TABLE pgaadauth_standin.membership (
    group_id text NOT NULL, member_id text NOT NULL, PRIMARY KEY (group_id, member_id));
CREATE TABLE pgaadauth_standin.synced (
    group_role oid NOT NULL, member_role oid NOT NULL, PRIMARY KEY (group_role, member_role));

-- The mapping of every labelled role, as pgaadauth-int holds it.
CREATE VIEW pgaadauth_standin.principal AS
SELECT r.oid AS role_id, r.rolname,
       (regexp_match(l.label, 'type=([a-z]+)'))[1] AS type,
       (regexp_match(l.label, 'oid=([0-9a-fA-F-]+)'))[1] AS object_id,
       (regexp_match(l.label, 'tenant_id=([0-9a-fA-F-]+)'))[1] AS tenant_id,
       l.label ~ ',mfa(,|$)' AS is_mfa,
       l.label ~ ',admin(,|$)' AS is_admin
FROM pg_roles r JOIN pg_shseclabel l
  ON l.objoid = r.oid AND l.classoid = 'pg_authid'::regclass AND l.provider = 'pgaadauth-int';

-- What the extension's label hook does: resolve the request in the directory and note the mapping.
CREATE FUNCTION pgaadauth_standin.label(role name, label text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    role_id oid := (SELECT oid FROM pg_authid WHERE rolname = role);
    parts text[] := string_to_array(label, ',');
    wanted_id text := lower((regexp_match(label, 'oid=([^,]*)'))[1]);
    wanted_type text := (regexp_match(label, 'type=([^,]*)'))[1];
    entry record;
    matches int;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_authid WHERE rolname = session_user)
       AND NOT EXISTS (SELECT FROM pgaadauth_standin.principal p WHERE p.rolname = session_user AND p.is_admin) THEN
        -- Unconfirmed wording.
        RAISE EXCEPTION 'permission denied: only Microsoft Entra administrators can manage Microsoft Entra principals'
            USING ERRCODE = '42501';
    END IF;
    IF role_id IS NULL THEN
        RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = '42704';
    END IF;
    IF label IS NULL THEN
        -- Unconfirmed: whether the mapping goes as well.
        DELETE FROM pg_shseclabel WHERE objoid = role_id AND classoid = 'pg_authid'::regclass;
        RETURN;
    END IF;
    IF parts[1] IS DISTINCT FROM 'aadauth'
       OR EXISTS (SELECT FROM unnest(parts[2:]) part
                  WHERE part NOT IN ('admin', 'mfa') AND part !~ '^(oid=[0-9a-fA-F-]{36}|type=.+)$') THEN
        -- Unconfirmed wording.
        RAISE EXCEPTION 'invalid security label "%"', label USING ERRCODE = '22023';
    END IF;
    IF wanted_id IS NULL THEN
        SELECT count(*) INTO matches FROM pgaadauth_standin.directory d
         WHERE d.name = role AND d.replicated_at <= clock_timestamp();
        IF matches = 0 THEN
            RAISE EXCEPTION 'Cannot validate Microsoft Entra ID user "%" because its name isn''t found in the tenant.
Make sure it''s correct and retry.', role USING ERRCODE = 'XX000';
        ELSIF matches > 1 THEN
            RAISE EXCEPTION 'Cannot validate Microsoft Entra ID user "%" because its name isn''t unique in the tenant.
Make sure it''s correct and retry.', role USING ERRCODE = 'XX000';
        END IF;
        SELECT * INTO entry FROM pgaadauth_standin.directory d WHERE d.name = role;
    ELSE
        SELECT * INTO entry FROM pgaadauth_standin.directory d
         WHERE d.object_id = wanted_id AND d.replicated_at <= clock_timestamp();
        IF NOT FOUND THEN
            RAISE EXCEPTION 'Cannot validate Microsoft Entra ID user "%" because its OID isn''t found in the tenant.
Make sure it''s correct and retry.', role USING ERRCODE = 'XX000';
        END IF;
        IF wanted_type IS DISTINCT FROM entry.type THEN
            RAISE EXCEPTION 'incorrect object type provided for principal, given object type: ''%'', actual object type: ''%''',
                coalesce(wanted_type, ''), entry.type USING ERRCODE = 'XX000';
        END IF;
    END IF;
    DELETE FROM pg_shseclabel
     WHERE objoid = role_id AND classoid = 'pg_authid'::regclass AND provider IN ('pgaadauth', 'pgaadauth-int');
    INSERT INTO pg_shseclabel (objoid, classoid, provider, label) VALUES
        (role_id, 'pg_authid'::regclass, 'pgaadauth', label),
        (role_id, 'pg_authid'::regclass, 'pgaadauth-int',
         'type=' || entry.type || ',oid=' || entry.object_id
         || ',tenant_id=' || (SELECT t.tenant_id FROM pgaadauth_standin.tenant t)
         || CASE WHEN 'admin' = ANY (parts) THEN ',admin' ELSE '' END
         || CASE WHEN 'mfa' = ANY (parts) THEN ',mfa' ELSE '' END);
    -- On Azure members of azure_pg_admin manage every role that isn't restricted; stock PostgreSQL asks for a membership,
    -- which must make room before the role becomes a member of azure_pg_admin itself.
    IF 'admin' = ANY (parts) THEN
        EXECUTE format('REVOKE %I FROM azure_pg_admin', role);
    ELSIF NOT pg_has_role(role_id, 'azure_pg_admin', 'MEMBER') THEN
        EXECUTE format('GRANT %I TO azure_pg_admin WITH ADMIN OPTION', role);
    END IF;
END $$;

-- What Resource Manager does when an administrator is added or removed.
CREATE FUNCTION pgaadauth_standin.create_administrator(role text, object_id text, type text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    other record;
BEGIN
    IF EXISTS (SELECT FROM pgaadauth_standin.principal p WHERE p.object_id = create_administrator.object_id)
       OR EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        RAISE EXCEPTION 'Updating an existing principal isn''t supported. Drop and recreate the Microsoft Entra principal.';
    END IF;
    EXECUTE format('CREATE ROLE %I LOGIN CREATEROLE CREATEDB', role);
    EXECUTE format('GRANT azure_pg_admin TO %I WITH ADMIN OPTION', role);
    PERFORM pgaadauth_standin.label(role, 'aadauth,oid=' || object_id || ',type=' || type || ',admin');
    -- On Azure administrators reach what other administrators own; here the newer one becomes a member of the older ones.
    FOR other IN SELECT r.rolname FROM pg_roles r
                  WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> role
                    AND pg_has_role(r.oid, 'azure_pg_admin', 'MEMBER') LOOP
        EXECUTE format('GRANT %I TO %I WITH ADMIN OPTION', other.rolname, role);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION pgaadauth_standin.create_administrator FROM PUBLIC;

CREATE FUNCTION pgaadauth_standin.sync() RETURNS TABLE (group_name text, member_name text, action text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    entry record;
    member_id oid;
BEGIN
    FOR entry IN
        SELECT p.role_id, p.rolname, d.name, d.object_id, d.type
          FROM pgaadauth_standin.principal p
          JOIN pgaadauth_standin.membership m ON m.group_id = p.object_id
          JOIN pgaadauth_standin.directory d ON d.object_id = m.member_id
         WHERE p.type = 'group' AND d.type <> 'group' AND d.replicated_at <= clock_timestamp()
         ORDER BY p.rolname, d.name
    LOOP
        SELECT p.role_id INTO member_id FROM pgaadauth_standin.principal p WHERE p.object_id = entry.object_id;
        IF member_id IS NULL THEN
            -- Unconfirmed: what happens when an ordinary role has the name already. Here the member is left out.
            CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = entry.name::name);
            EXECUTE format('CREATE ROLE %I LOGIN', entry.name);
            PERFORM pgaadauth_standin.label(entry.name::name, 'aadauth,oid=' || entry.object_id || ',type=' || entry.type);
            SELECT oid INTO member_id FROM pg_roles WHERE rolname = entry.name::name;
        END IF;
        CONTINUE WHEN EXISTS (SELECT FROM pg_auth_members a WHERE a.roleid = entry.role_id AND a.member = member_id);
        CONTINUE WHEN pg_has_role(entry.role_id, member_id, 'MEMBER');
        EXECUTE format('GRANT %I TO %I', entry.rolname, (SELECT rolname FROM pg_roles WHERE oid = member_id));
        INSERT INTO pgaadauth_standin.synced VALUES (entry.role_id, member_id) ON CONFLICT DO NOTHING;
        group_name := entry.rolname; member_name := entry.name; action := 'added';
        RETURN NEXT;
    END LOOP;
    -- Unconfirmed: the role of a member who left stays, without the group's rights.
    FOR entry IN
        SELECT s.group_role, s.member_role, g.rolname AS group_name, r.rolname AS member_name
          FROM pgaadauth_standin.synced s
          LEFT JOIN pgaadauth_standin.principal g ON g.role_id = s.group_role
          LEFT JOIN pgaadauth_standin.principal r ON r.role_id = s.member_role
         WHERE NOT EXISTS (SELECT FROM pgaadauth_standin.membership m
                            WHERE m.group_id = g.object_id AND m.member_id = r.object_id)
    LOOP
        DELETE FROM pgaadauth_standin.synced s
         WHERE s.group_role = entry.group_role AND s.member_role = entry.member_role;
        CONTINUE WHEN entry.group_name IS NULL OR entry.member_name IS NULL;
        EXECUTE format('REVOKE %I FROM %I', entry.group_name, entry.member_name);
        group_name := entry.group_name; member_name := entry.member_name; action := 'removed';
        RETURN NEXT;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION pgaadauth_standin.sync FROM PUBLIC;
`;

/** The extension's functions; they exist in database `postgres` alone and only while Entra authentication is on. */
export const functions = `
CREATE FUNCTION pg_catalog.pgaadauth_create_principal(rolename text, isadmin boolean, ismfa boolean) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    command text := 'CREATE ROLE ' || quote_ident(rolename) || ' LOGIN';
    label text := 'aadauth';
BEGIN
    IF isadmin IS TRUE THEN
        command := command || ' CREATEROLE CREATEDB IN ROLE azure_pg_admin';
        label := label || ',admin';
    END IF;
    IF ismfa IS TRUE THEN
        label := label || ',mfa';
    END IF;
    EXECUTE command;
    PERFORM pgaadauth_standin.label(rolename::name, label);
    RETURN format('Created role for %1$s', quote_ident(rolename));
END $$;

CREATE FUNCTION pg_catalog.pgaadauth_create_principal_with_oid(
    rolename text, objectid text, objecttype text, isadmin boolean, ismfa boolean) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    command text := 'CREATE ROLE ' || quote_ident(rolename) || ' LOGIN';
    label text := 'aadauth,oid=' || objectid || ',type=' || objecttype;
BEGIN
    IF isadmin IS TRUE THEN
        command := command || ' CREATEROLE CREATEDB IN ROLE azure_pg_admin';
        label := label || ',admin';
    END IF;
    IF ismfa IS TRUE THEN
        label := label || ',mfa';
    END IF;
    EXECUTE command;
    PERFORM pgaadauth_standin.label(rolename::name, label);
    RETURN format('Created role for %1$s', quote_ident(rolename));
END $$;

CREATE FUNCTION pg_catalog.pgaadauth_update_principal_with_oid(
    rolename text, objectid text, objecttype text, isadmin boolean, ismfa boolean) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pgaadauth_standin.label(rolename::name, 'aadauth,oid=' || objectid || ',type=' || objecttype
        || CASE WHEN isadmin THEN ',admin' ELSE '' END || CASE WHEN ismfa THEN ',mfa' ELSE '' END);
    -- Unconfirmed wording.
    RETURN format('Updated role for %1$s', quote_ident(rolename));
END $$;

CREATE FUNCTION pg_catalog.pgaadauth_list_principals(isadminvalue boolean)
RETURNS TABLE (rolname name, principaltype text, objectid text, tenantid text, ismfa integer, isadmin integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.rolname, p.type, p.object_id, p.tenant_id, p.is_mfa::int, p.is_admin::int
      FROM pgaadauth_standin.principal p WHERE p.is_admin OR NOT isadminvalue ORDER BY p.rolname
$$;

CREATE FUNCTION pg_catalog.pgaadauth_sync_roles_for_group_members()
RETURNS TABLE (group_name text, member_name text, action text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF coalesce(current_setting('pgaadauth.enable_group_sync', true), 'off') NOT IN ('on', 'ON', 'true', '1') THEN
        -- Unconfirmed wording.
        RAISE EXCEPTION 'group sync is disabled. Set pgaadauth.enable_group_sync to ON.' USING ERRCODE = '55000';
    END IF;
    RETURN QUERY SELECT * FROM pgaadauth_standin.sync();
END $$;
`;

/** Takes the functions away: with Entra authentication off they don't exist. */
export const withoutFunctions = `
DROP FUNCTION IF EXISTS pg_catalog.pgaadauth_create_principal(text, boolean, boolean);
DROP FUNCTION IF EXISTS pg_catalog.pgaadauth_create_principal_with_oid(text, text, text, boolean, boolean);
DROP FUNCTION IF EXISTS pg_catalog.pgaadauth_update_principal_with_oid(text, text, text, boolean, boolean);
DROP FUNCTION IF EXISTS pg_catalog.pgaadauth_list_principals(boolean);
DROP FUNCTION IF EXISTS pg_catalog.pgaadauth_sync_roles_for_group_members();
`;
