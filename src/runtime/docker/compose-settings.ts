import { CliError } from '../../errors.ts';
import { isSafeValue } from '../../secret.ts';
import type { StackSpec } from '../../service.ts';

/** The dotenv file that gives Compose what is no secret. */
export function composeSettings(spec: StackSpec): string {
  return Object.entries(settingsValues(spec))
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** What docker-compose.yml interpolates beside the secrets. */
export function settingsValues(spec: StackSpec) {
  return {
    LITELLM_BIND: checked(spec.bind),
    LITELLM_PORT: String(spec.port),
    LITELLM_IMAGE: checked(spec.image),
    LITELLM_DB_IMAGE: checked(spec.databaseImage),
  };
}

// Compose would interpolate or cut any other.
function checked(value: string): string {
  if (isSafeValue(value)) return value;
  throw new CliError('usage', `"${value}" has characters that Compose does not read as they stand`, {
    hint: 'use letters, digits and _.:/@+=- only',
  });
}
