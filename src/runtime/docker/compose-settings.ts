import { CliError } from '../../errors.ts';
import { isSafeValue } from '../../secret.ts';
import type { StackSpec } from '../../service.ts';

/** The dotenv file that gives Compose what is no secret. */
export function composeSettings(spec: StackSpec): string {
  const values = {
    LITELLM_BIND: spec.bind,
    LITELLM_PORT: String(spec.port),
    LITELLM_IMAGE: spec.image,
    LITELLM_DB_IMAGE: spec.databaseImage,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${checked(value)}\n`)
    .join('');
}

// Compose would interpolate or cut any other.
function checked(value: string): string {
  if (isSafeValue(value)) return value;
  throw new CliError('usage', `"${value}" has characters that Compose does not read as they stand`, {
    hint: 'use letters, digits and _.:/@+=- only',
  });
}
