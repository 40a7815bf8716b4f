import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import type { Secret } from '../../model/secret.ts';
import type { AdminClient } from './client.ts';
import { CREDENTIAL_REQUEST, type CredentialRow } from './schemas.ts';

export interface Credential {
  readonly name: string;
  readonly provider: string;
  readonly apiKey: Secret | undefined;
  /** Additional settings, such as `api_base` and `api_version`. */
  readonly values: Readonly<Record<string, string>>;
  /** Remove all other values that LiteLLM has. */
  readonly exact?: boolean;
  /** The file that it comes from. */
  readonly file?: string;
}

/** A credential in LiteLLM's format, with a fingerprint of its values. */
export type CredentialItem = z.infer<typeof CREDENTIAL_REQUEST>;

const FINGERPRINT = 'agents_llm_fingerprint';

export function credentialItem(
  { target }: AdminClient,
  { name, provider, apiKey, values }: Credential,
): CredentialItem {
  const secretValues = { ...values, ...(apiKey ? { api_key: apiKey.reveal() } : {}) };
  // Keyed with the master key, so that nobody else can verify guesses. LiteLLM's mask shows too little to compare keys.
  const fingerprint = createHmac('sha256', target.masterKey.reveal())
    .update(JSON.stringify(Object.entries(secretValues).sort()))
    .digest('hex')
    .slice(0, 16);
  return z.parse(CREDENTIAL_REQUEST, {
    credential_name: name,
    credential_info: { custom_llm_provider: provider, [FINGERPRINT]: fingerprint },
    credential_values: secretValues,
  });
}

/** Compares fingerprint, provider and the visible part of each masked value (`sk****78`). */
export function matches(row: CredentialRow, item: CredentialItem): boolean {
  const info = row.credential_info ?? {};
  const sameInfo = Object.entries(item.credential_info).every(([key, value]) => info[key] === value);
  return (
    sameInfo &&
    Object.entries(item.credential_values).every(([key, value]) => fits(row.credential_values?.[key], value))
  );
}

/** The names of the values that only the row has. */
export function surplusValues(row: CredentialRow, item: Pick<CredentialItem, 'credential_values'>): readonly string[] {
  return Object.keys(row.credential_values ?? {}).filter((name) => !(name in item.credential_values));
}

/** Whether a value that LiteLLM shows, masked or not, can be this value. */
export function fits(shown: unknown, value: string): boolean {
  if (typeof shown !== 'string') return false;
  const [start = '', end = ''] = shown.split(/\*+/);
  return shown.includes('**') ? value.startsWith(start) && value.endsWith(end) : shown === value;
}
