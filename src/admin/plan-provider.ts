import { CliError } from '../errors.ts';
import { fits, matches, surplusValues } from './credential-item.ts';
import { keyHash } from './kept-keys.ts';
import { cleanMessage } from './litellm-message.ts';
import type { Plan, Seen, WantedProvider } from './plan.ts';
import type { CredentialRow } from './schemas.ts';

export function planProvider(wanted: WantedProvider, seen: Pick<Seen, 'credentials' | 'keys'>): Plan {
  const row = seen.credentials.find(({ credential_name }) => credential_name === wanted.name);
  const { name } = wanted;
  const lack = lackOf(wanted, seen);
  const ready = lack === undefined ? wanted.ready : undefined;
  if (!row) {
    if (!ready) throw keyNeeded(wanted, `${lack}, and LiteLLM has no provider "${name}" yet`);
    const changes = [
      wanted.provider,
      ...(wanted.variables.length > 0 ? [`key from ${wanted.variables.join(', ')}`] : []),
      ...Object.entries(wanted.values).map(([field, value]) => `${field} ${value}`),
    ];
    return one('create', name, changes, ready.credential);
  }
  const changes = changesOf(wanted, row, ready);
  if (ready) return changes.length > 0 ? one('update', name, changes, ready.credential) : { steps: [], warnings: [] };
  if (changes.length > 0) throw keyNeeded(wanted, `${lack}, and to change ${changes.join(', ')} it is needed`);
  return { steps: [], warnings: [`${lack}: provider ${name} keeps the key that LiteLLM has`] };
}

/** Why there is no key to give; undefined when there is one. */
function lackOf({ ready, unset, variables }: WantedProvider, { keys }: Pick<Seen, 'keys'>): string | undefined {
  if (!ready) return `${unset.join(', ')} is not set`;
  const { apiKey } = ready.credential;
  // As in a shell that has been given the variables of this very gateway.
  const isVirtual = apiKey !== undefined && keys.some(({ token }) => token === keyHash(apiKey));
  return isVirtual ? `${variables[0]} holds a virtual key of this LiteLLM and no provider's` : undefined;
}

function one(
  action: 'create' | 'update',
  name: string,
  changes: readonly string[],
  credential: NonNullable<WantedProvider['ready']>['credential'],
): Plan {
  return {
    steps: [{ action, kind: 'provider', name, changes, work: { kind: 'put-provider', credential } }],
    warnings: [],
  };
}

function changesOf(wanted: WantedProvider, row: CredentialRow, ready: WantedProvider['ready']): readonly string[] {
  const shown = row.credential_values ?? {};
  const before = row.credential_info?.custom_llm_provider;
  const visible = Object.entries(wanted.values).filter(([field, value]) => !fits(shown[field], value));
  const item = ready?.item;
  const changes = [
    ...(before === wanted.provider ? [] : [`provider ${word(before)} -> ${wanted.provider}`]),
    ...visible.map(([field, value]) => `${field} ${word(shown[field])} -> ${value}`),
    ...(item ? surplusValues(row, item).map((field) => `${cleanMessage(field)} taken away`) : []),
  ];
  // What else differs is a secret, which is told by its fingerprint alone.
  return changes.length === 0 && item && !matches(row, item) ? ['another key'] : changes;
}

const word = (value: unknown) => (typeof value === 'string' ? cleanMessage(value) : 'none');

function keyNeeded({ unset, variables, name }: WantedProvider, why: string): CliError {
  const variable = unset[0] ?? variables[0];
  return new CliError('usage', why, {
    hint: `put the provider's key into it, then go on: agents-llm apply\nexport ${variable}=…`,
    details: { provider: name, variable },
  });
}
