import * as z from 'zod/mini';
import { CliError } from '../../model/errors.ts';

/** The rows that users created. `hash` changes with any setting, but not with spend or use. */
export interface DataRows {
  /** `values` are encrypted, as they are stored. */
  readonly providers: readonly { name: string; hash: string; values: Readonly<Record<string, unknown>> }[];
  readonly aliases: readonly { id: string; name: string; hash: string }[];
  /** `id` is the key's SHA-256. */
  readonly keys: readonly { id: string; name: string; hash: string }[];
  readonly teams: readonly { id: string; name: string; hash: string }[];
}

/** Sessions of LiteLLM's own UI, which come and go. */
export const DASHBOARD = 'litellm-dashboard';

const list = (row: string, from: string) => `(SELECT coalesce(json_agg(json_build_object(${row})), '[]') FROM ${from})`;
const hash = (...columns: string[]) => `md5(json_build_array(${columns.join(', ')})::text)`;
const LIMITS = ['models', 'max_budget', 'rpm_limit', 'tpm_limit', 'budget_duration', 'blocked', 'metadata'];

/** Works with LiteLLM 1.90 and later; prints one line of JSON. */
export const READ_ROWS = `SELECT json_build_object(
'providers', ${list(`'name', credential_name, 'hash', ${hash('credential_values', 'credential_info')}, 'values', credential_values`, '"LiteLLM_CredentialsTable"')},
'aliases', ${list(`'id', model_id, 'name', model_name, 'hash', ${hash('litellm_params', 'model_info')}`, '"LiteLLM_ProxyModelTable"')},
'keys', ${list(`'id', token, 'name', coalesce(key_alias, left(token, 12)), 'hash', ${hash(...LIMITS, 'expires', 'team_id')}`, `"LiteLLM_VerificationToken" WHERE team_id IS DISTINCT FROM '${DASHBOARD}'`)},
'teams', ${list(`'id', team_id, 'name', coalesce(team_alias, team_id), 'hash', ${hash(...LIMITS)}`, '"LiteLLM_TeamTable"')});
`;

export const SUPERUSER = 'superuser';

/** Prints one line if LiteLLM's role has rights that it does not need, otherwise nothing. */
export const READ_ROLE = `SELECT '${SUPERUSER}' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper;\n`;

/** Prints which of these hashes belong to keys that LiteLLM itself deleted, whose rows it keeps in another table. */
export const readDeletedKeys = (hashes: readonly string[]) =>
  `SELECT DISTINCT token FROM "LiteLLM_DeletedVerificationToken" WHERE token IN ('${hashes.join("', '")}');\n`;

/** Counts the requests of the last five minutes, whose clients would be interrupted. */
export const READ_RECENT_REQUESTS = `SELECT count(*) FROM "LiteLLM_SpendLogs"
WHERE "startTime" > (now() AT TIME ZONE 'utc') - interval '5 minutes';
`;

const ITEMS = z.array(z.object({ id: z.string(), name: z.string(), hash: z.string() }));
const ROWS = z.object({
  providers: z.array(z.object({ name: z.string(), hash: z.string(), values: z.record(z.string(), z.unknown()) })),
  aliases: ITEMS,
  keys: ITEMS,
  teams: ITEMS,
});

export function parseRows(text: string): DataRows {
  try {
    return z.parse(ROWS, JSON.parse(text));
  } catch (cause) {
    throw new CliError('database_failed', 'The database does not look like one of LiteLLM 1.90 or later', {
      hint: 'Check which LiteLLM the stack runs: agents-llm status',
      cause,
    });
  }
}
