/** What a superuser could do to the machine and to other roles, and what the server must say to LiteLLM's role. */
export const ATTACKS: readonly (readonly [what: string, sql: string, refusal: RegExp])[] = [
  ['runs a program', "COPY (SELECT 1) TO PROGRAM 'touch /tmp/agents-llm-e2e-owned'", /permission denied to COPY/],
  ['reads a file', "SELECT pg_read_file('/etc/passwd')", /permission denied for function pg_read_file/],
  ['writes a file', "COPY (SELECT 1) TO '/tmp/agents-llm-e2e-owned'", /permission denied to COPY/],
  ['imports a file', "SELECT lo_import('/etc/passwd')", /permission denied for function lo_import/],
  ['changes the server', "ALTER SYSTEM SET archive_command = 'id'", /permission denied to set parameter/],
  ['makes a role', 'CREATE ROLE mallory SUPERUSER', /permission denied to create role/],
  ['makes itself a superuser', 'ALTER ROLE litellm SUPERUSER', /permission denied to alter role/],
  ['makes itself a reader of files', 'GRANT pg_read_server_files TO litellm', /permission denied to grant role/],
  ['becomes the administrator', 'SET ROLE agents_llm_admin', /permission denied to set role/],
  ['logs in as the administrator', 'SET SESSION AUTHORIZATION agents_llm_admin', /permission denied to set session/],
  ['gives the administrator a password', "ALTER ROLE agents_llm_admin PASSWORD 'x'", /permission denied to alter role/],
  ['makes a database', 'CREATE DATABASE mallory', /permission denied to create database/],
  ['loads a library', "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/f.so'", /permission denied for language c/],
];

/** What it needs for its work. */
export const WORK = `CREATE TABLE e2e_own (id int); DROP TABLE e2e_own;
SELECT bool_or(rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls) FROM pg_roles WHERE rolname = current_user`;
