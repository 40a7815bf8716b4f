import { shownValue } from '../../text/shown-value.ts';
import { modelName } from '../admin/alias-rows.ts';
import type { Alias } from '../admin/aliases.ts';
import { type Credential, fits } from '../admin/credential-item.ts';
import { credentialName } from '../admin/credentials.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { CredentialRow } from '../admin/schemas.ts';
import { type Address, addressesIn, hostOf } from '../config/addresses.ts';
import type { Seen, Step } from './plan.ts';

type SeenRows = Pick<Seen, 'credentials' | 'models'>;

/** The steps of a plan that send an existing key, or the prompts of an existing alias, to another host. */
export function movedKeys(steps: readonly Step[], seen: SeenRows): readonly string[] {
  const put = steps.flatMap(({ work }) => (work.kind === 'put-provider' ? [work.credential] : []));
  const aliases = steps.flatMap(({ work }) => (work.kind === 'put-alias' ? [work.alias] : []));
  return [
    ...put.flatMap((credential) => movedByProvider(credential, seen)),
    ...aliases
      .flatMap((alias) => [alias, ...(alias.others ?? []).map((target) => ({ ...alias, ...target }))])
      .flatMap((alias) => [...movedByParams(alias, seen), ...movedByCredential(alias, put, seen)]),
  ];
}

function movedByProvider({ name, provider, values }: Credential, { credentials }: SeenRows): readonly string[] {
  const row = rowsBy(credentials, credentialName).get(name)?.[0];
  if (!row) return [];
  const key = `Provider key ${shownValue(name)}`;
  const before = row.credential_info?.custom_llm_provider;
  const kind =
    typeof before === 'string' && before !== provider ? [`${key} is sent to ${provider} instead of ${before}`] : [];
  const moved = addressesIn(values)
    .filter(({ field, value }) => !fits(row.credential_values?.[field], value))
    .map(({ field, value }) => `${key} is sent to ${shown(value)} instead of ${placeBefore(row, field)}`);
  const dropped = addressesIn(row.credential_values ?? {})
    .filter(({ field }) => !(field in values))
    .map(({ value }) => `${key} is sent to the usual address of ${provider} instead of ${shown(value)}`);
  return [...kind, ...moved, ...dropped];
}

function placeBefore(row: CredentialRow, field: string): string {
  const value = row.credential_values?.[field];
  return typeof value === 'string' ? shown(value) : 'its usual address';
}

function movedByParams({ name, params, credential }: Alias, { credentials, models }: SeenRows): readonly string[] {
  const rows = rowsBy(models, modelName).get(name) ?? [];
  const key = rowsBy(credentials, credentialName).get(credential)?.[0];
  // Neither the alias nor its provider existed before, so nothing moves.
  if (rows.length === 0 && !key) return [];
  const isKnown = ({ field, value }: Address) =>
    rows.some(
      ({ litellm_params: before }) =>
        before.litellm_credential_name === credential && sameAddress(before, { field, value }),
    ) || Object.values(key?.credential_values ?? {}).some((stored) => fits(stored, value));
  return addressesIn(params)
    .filter((address) => !isKnown(address))
    .map(({ value }) => {
      const what = key ? `prompts and provider key ${shownValue(key.credential_name)}` : 'prompts';
      return `Alias ${shownValue(name)} sends ${what} to ${shown(value)}`;
    });
}

/** An existing alias gets another provider, which has its own address. */
function movedByCredential(
  { name, credential }: Alias,
  put: readonly Credential[],
  { credentials, models }: SeenRows,
): readonly string[] {
  const rows = rowsBy(models, modelName).get(name) ?? [];
  const before = rows.map(({ litellm_params: params }) => params.litellm_credential_name);
  if (credential === undefined || before.length === 0 || before.includes(credential)) return [];
  const stored = (wanted: unknown) => rowsBy(credentials, credentialName).get(wanted)?.[0]?.credential_values ?? {};
  const known = before.flatMap((other) => addressesIn(stored(other)).map(({ value }) => value));
  const values = put.find(({ name }) => name === credential)?.values ?? stored(credential);
  return addressesIn(values)
    .filter(({ value }) => !known.includes(value))
    .map(({ value }) => `Alias ${shownValue(name)} sends prompts to ${shown(value)}`);
}

const sameAddress = (params: Readonly<Record<string, unknown>>, { field, value }: Address) =>
  addressesIn(params).some((other) => other.field === field && other.value === value);

/** Adds the host if it is not obvious from the address. */
function shown(address: string): string {
  const [text, host] = [shownValue(address), hostOf(address)];
  return host === '' || text.startsWith(`https://${host}`) || text.startsWith(`http://${host}`)
    ? text
    : `${host} (${text})`;
}
