import { CliError } from '../../model/errors.ts';
import { shellWord } from '../../text/shown-text.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import type { KeyRow } from '../admin/schemas.ts';

/** LiteLLM has the key, but it cannot be shown again. */
export function keyLost(alias: string): CliError {
  const message = `Virtual key "${alias}" exists in LiteLLM but is not saved here, and LiteLLM shows a key only once`;
  return replaceable('key_lost', alias, message);
}

export function keyBlocked(alias: string): CliError {
  return replaceable('key_blocked', alias, `Virtual key "${alias}" is blocked in LiteLLM`);
}

/** LiteLLM refuses every request with the key, even free ones. */
export function budgetSpent(alias: string, cause: unknown): CliError {
  return new CliError('budget_spent', `Virtual key "${alias}" has spent its budget`, {
    hint: [
      'See what it has spent: agents-llm key list',
      `Raise its budget: agents-llm provision-key --alias ${shellWord(alias)} --max-budget DOLLARS`,
    ],
    details: { alias },
    cause,
  });
}

function replaceable(code: 'key_lost' | 'key_blocked', alias: string, message: string): CliError {
  return new CliError(code, message, {
    hint: `Replace it (the old one stops working): agents-llm provision-key --alias ${shellWord(alias)} --rotate`,
    details: { alias },
  });
}

/** A key of someone else has the alias. */
export function keyNotOurs(row: KeyRow, alias: string): CliError {
  return new CliError(
    'key_not_ours',
    `Virtual key "${alias}" was created by someone else${row.created_by ? ` (${cleanMessage(row.created_by)})` : ''}`,
    {
      hint: [
        'Choose another name with --alias NAME',
        `Or replace it, which ends their access: agents-llm provision-key --alias ${shellWord(alias)} --rotate --force`,
      ],
      details: { alias },
    },
  );
}
