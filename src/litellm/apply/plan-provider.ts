import { CliError } from '../../model/errors.ts';
import { fits, matches, surplusValues } from '../admin/credential-item.ts';
import { credentialName } from '../admin/credentials.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { CredentialRow } from '../admin/schemas.ts';
import type { MissingSecret, Plan, ReadyProvider, Seen, WantedProvider } from './plan.ts';

export function planProvider(wanted: WantedProvider, seen: Pick<Seen, 'credentials'>): Plan {
  const row = rowsBy(seen.credentials, credentialName).get(wanted.name)?.[0];
  const { name, state } = wanted;
  if ('lack' in state) return keepStored(wanted, state, row);
  if (row) {
    const changes = changesOf(wanted, row, state);
    return changes.length > 0 ? planOf('update', name, changes, state.credential) : { steps: [], warnings: [] };
  }
  const made = [
    wanted.provider,
    ...(wanted.variables.length > 0 ? [`key from ${wanted.variables.join(', ')}`] : []),
    ...Object.entries(wanted.values).map(([field, value]) => `${field} ${value}`),
  ];
  return planOf('create', name, made, state.credential);
}

/** An existing provider whose secrets are not given is left as it is. */
function keepStored(wanted: WantedProvider, missing: MissingSecret, row: CredentialRow | undefined): Plan {
  const { name } = wanted;
  const { lack } = missing;
  if (!row) throw keyNeeded(name, missing, `${lack}, and LiteLLM has no provider "${name}" yet`);
  const changes = changesOf(wanted, row);
  if (changes.length > 0) throw keyNeeded(name, missing, `${lack}, but it is needed to change ${changes.join(', ')}`);
  return { steps: [], warnings: [`${lack}, so provider ${name} keeps the key that LiteLLM has`] };
}

function planOf(
  action: 'create' | 'update',
  name: string,
  changes: readonly string[],
  credential: ReadyProvider['credential'],
): Plan {
  return {
    steps: [{ action, kind: 'provider', name, changes, work: { kind: 'put-provider', credential } }],
    warnings: [],
  };
}

function changesOf(wanted: WantedProvider, row: CredentialRow, ready?: ReadyProvider): readonly string[] {
  const shown = row.credential_values ?? {};
  const before = row.credential_info?.custom_llm_provider;
  const visible = Object.entries(wanted.values).filter(([field, value]) => !fits(shown[field], value));
  const item = ready?.item;
  const changes = [
    ...(before === wanted.provider ? [] : [`provider ${shownValue(before)} -> ${wanted.provider}`]),
    ...visible.map(([field, value]) => `${field} ${shownValue(shown[field])} -> ${value}`),
    ...(item ? surplusValues(row, item).map((field) => `${cleanMessage(field)} removed`) : []),
  ];
  // Anything else that differs is a secret, which only its fingerprint shows.
  return changes.length === 0 && item && !matches(row, item) ? ['new key'] : changes;
}

const shownValue = (value: unknown) => (typeof value === 'string' ? cleanMessage(value) : 'none');

function keyNeeded(name: string, { variable }: MissingSecret, why: string): CliError {
  return new CliError('usage', why, {
    hint: [`Set it to the provider key: export ${variable}=…`, 'Then continue: agents-llm apply'],
    details: { provider: name, variable },
  });
}
