/**
 * Which data a database contains: an id in a schema of our own, which LiteLLM's migrations do not touch and a dump includes.
 * For psql; prints nothing when there is none.
 */
export const READ_IDENTITY = `SELECT to_regclass('agents_llm.stack') IS NOT NULL AS known \\gset
\\if :known
SELECT id FROM agents_llm.stack;
\\endif
`;

/** `id` is a UUID. */
export function writeIdentity(id: string): string {
  return `BEGIN;
CREATE SCHEMA IF NOT EXISTS agents_llm;
CREATE TABLE IF NOT EXISTS agents_llm.stack (id text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
DELETE FROM agents_llm.stack;
INSERT INTO agents_llm.stack (id) VALUES ('${id}');
COMMIT;
`;
}
