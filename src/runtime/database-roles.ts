import {
  ADMIN,
  DATABASE_NAME,
  lacksAdmin,
  MAINTENANCE,
  OWNER,
  type RunScript,
  requireSuccess,
} from './postgres-tools.ts';

// LiteLLM's role owns its database and can do nothing else. The administrator's role has no password, so it can only log in
// through the socket. It never reads objects in which LiteLLM's role may have put a function of its own. docker-compose.yml has the
// same three scripts in the health check that LiteLLM's start waits for; a test compares them.

/**
 * As the administrator: creates what is missing, revokes from LiteLLM's role what it must not have, and returns the names of the
 * databases that are not LiteLLM's yet.
 */
export const SETTLE_ROLES = `SET search_path = pg_catalog;
DO $settle$
DECLARE command text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'litellm') THEN
    EXECUTE format('CREATE ROLE litellm LOGIN PASSWORD %L', (SELECT rolpassword FROM pg_authid WHERE rolname = 'agents_llm_admin'));
  END IF;
  IF EXISTS (SELECT FROM pg_authid WHERE rolname = 'agents_llm_admin' AND rolpassword IS NOT NULL) THEN
    ALTER ROLE agents_llm_admin PASSWORD NULL;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'litellm' AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)) THEN
    ALTER ROLE litellm NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  FOR command IN
    SELECT format('REVOKE %I FROM litellm', r.rolname) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
    WHERE m.member = 'litellm'::regrole AND (r.rolsuper OR r.oid < 16384)
  LOOP EXECUTE command; END LOOP;
END $settle$;
SELECT 'CREATE DATABASE litellm' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'litellm') \\gexec
SELECT datname FROM pg_database WHERE datdba = 'agents_llm_admin'::regrole AND datallowconn AND NOT datistemplate
AND datname <> 'postgres' AND datname ~ '^[A-Za-z0-9_-]+$';
`;

/**
 * As `litellm` if that is still the superuser. PostgreSQL does not let the role that initdb created lose that right, so it is
 * renamed, which needs a session of another role, and a new role gets its password. `OWN_DATABASE` follows in the same
 * transaction.
 */
export const MOVE_ROLES = `SET search_path = pg_catalog;
SET lock_timeout = '20s';
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'litellm' AND pid <> pg_backend_pid();
CREATE ROLE agents_llm_mover SUPERUSER;
SET SESSION AUTHORIZATION agents_llm_mover;
DO $move$
DECLARE
  verifier text := (SELECT rolpassword FROM pg_authid WHERE rolname = 'litellm');
  command text;
BEGIN
  ALTER ROLE litellm RENAME TO agents_llm_admin;
  ALTER ROLE agents_llm_admin PASSWORD NULL;
  EXECUTE format('CREATE ROLE litellm LOGIN PASSWORD %L', verifier);
  FOR command IN
    SELECT format('GRANT litellm TO %1$I; REVOKE agents_llm_admin FROM %1$I', r.rolname)
    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE m.roleid = 'agents_llm_admin'::regrole
  LOOP EXECUTE command; END LOOP;
END $move$;
RESET SESSION AUTHORIZATION;
DROP ROLE agents_llm_mover;
`;

/** As the administrator: gives LiteLLM's role the database and all in it that initdb did not create. */
export const OWN_DATABASE = `SET search_path = pg_catalog;
DO $own$
DECLARE
  admin oid := 'agents_llm_admin'::regrole;
  command text;
BEGIN
  FOR command IN
    WITH extension AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
    SELECT format('ALTER SCHEMA %I OWNER TO litellm', nspname) FROM pg_namespace
    WHERE nspowner = admin AND (oid >= 16384 OR nspname = 'public')
    UNION ALL
    SELECT format('ALTER TABLE %s OWNER TO litellm', c.oid::regclass) FROM pg_class c
    WHERE relowner = admin AND c.oid >= 16384 AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM extension)
    AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')))
    UNION ALL
    SELECT format('ALTER TYPE %s OWNER TO litellm', t.oid::regtype) FROM pg_type t LEFT JOIN pg_class c ON c.oid = typrelid
    WHERE typowner = admin AND t.oid >= 16384 AND (typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
    AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM extension)
    UNION ALL
    SELECT format('ALTER ROUTINE %s OWNER TO litellm', oid::regprocedure) FROM pg_proc
    WHERE proowner = admin AND oid >= 16384 AND ('pg_proc'::regclass, oid) NOT IN (SELECT classid, objid FROM extension)
    UNION ALL
    SELECT format('ALTER STATISTICS %I.%I OWNER TO litellm', nspname, stxname)
    FROM pg_statistic_ext JOIN pg_namespace n ON n.oid = stxnamespace WHERE stxowner = admin
    UNION ALL
    SELECT format('ALTER LARGE OBJECT %s OWNER TO litellm', oid) FROM pg_largeobject_metadata WHERE lomowner = admin
  LOOP EXECUTE command; END LOOP;
  EXECUTE format('ALTER DATABASE %I OWNER TO litellm', current_database());
END $own$;
`;

const inOneTransaction = (script: string) => `BEGIN;\n${script}COMMIT;\n`;

/** Gives the roles the rights that they must have, on data of any version. Each step is atomic and can be repeated. */
export async function settleDatabaseRoles(run: RunScript): Promise<void> {
  let settled = await run(ADMIN, MAINTENANCE, SETTLE_ROLES);
  if (lacksAdmin(settled)) {
    requireSuccess('psql', await run(OWNER, DATABASE_NAME, inOneTransaction(MOVE_ROLES + OWN_DATABASE)));
    settled = await run(ADMIN, MAINTENANCE, SETTLE_ROLES);
  }
  for (const name of requireSuccess('psql', settled).split('\n').filter(Boolean)) {
    const owned = await run(ADMIN, name, inOneTransaction(OWN_DATABASE));
    // Another database, which someone else created, must not stop LiteLLM from getting its own.
    if (name === DATABASE_NAME) requireSuccess('psql', owned);
  }
}
