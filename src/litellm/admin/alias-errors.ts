import { CliError } from '../../model/errors.ts';
import { cleanMessage } from './litellm-message.ts';
import type { ModelRow } from './schemas.ts';

/** LiteLLM does not serve the alias with that target. */
export function unusable(name: string, wanted: Readonly<Record<string, unknown>>): CliError {
  return new CliError(
    'request_rejected',
    `LiteLLM rejected "${cleanMessage(String(wanted.model))}" as a target for "${name}", so nothing was saved`,
    {
      hint: 'Name the provider too, such as openai/gpt-4o, and check the spelling',
      details: { name, target: wanted.model },
    },
  );
}

/** The alias has several rows, and no flag says what to do with them. */
export function ambiguous(name: string, rows: readonly ModelRow[], fix: string): CliError {
  const shown = rows.map((row) => ({
    id: row.model_info.id,
    target: row.litellm_params.model,
    provider: row.litellm_params.litellm_credential_name ?? null,
  }));
  const list = shown.map(({ id, target, provider }) => `  ${id}  ${target}  ${provider ?? ''}`.trimEnd());
  return new CliError(
    'alias_ambiguous',
    [`"${name}" has ${rows.length} rows, and LiteLLM balances requests between them:`, ...list],
    {
      hint: fix,
      details: { name, rows: shown },
    },
  );
}

/** Refuses rows that the API cannot change. */
export function requireEditable(rows: readonly ModelRow[]): void {
  const fixed = rows.find((row) => row.model_info.db_model === false);
  if (!fixed) return;
  throw new CliError('request_rejected', `"${fixed.model_name}" is defined in the configuration file of that LiteLLM`, {
    hint: 'Change it in that file, or choose another name',
  });
}
