import { ambiguous, requireEditable } from '../admin/alias-errors.ts';
import { has, type Params, rowsOf, surplusParams } from '../admin/alias-rows.ts';
import { type Alias, wantedParams } from '../admin/aliases.ts';
import { credentialName, providerUnknown } from '../admin/credentials.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { FILE_MARK } from '../admin/owner-mark.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { ModelRow } from '../admin/schemas.ts';
import type { Plan, Seen, Wanted } from './plan.ts';

type SeenRows = Pick<Seen, 'models' | 'credentials'>;

export function planAlias(
  alias: Alias,
  wanted: Pick<Wanted, 'file' | 'providers'>,
  seen: SeenRows,
  force: boolean,
): Plan {
  requireProvider(alias, wanted, seen);
  const params = wantedParams(alias);
  const rows = rowsOf(seen.models, alias.name);
  const [row, ...others] = rows;
  if (!row) return planOf('create', alias, describe(params));
  // Several rows of ours are what is left of a change that was interrupted.
  const mayMerge = force || rows.every(({ model_info }) => model_info[FILE_MARK] === wanted.file);
  if (others.length > 0 && !mayMerge)
    throw ambiguous(alias.name, rows, 'Merge them into one: agents-llm apply --force');
  const changes = [...changesOf(row, params), ...(others.length > 0 ? [`${rows.length} rows merged into one`] : [])];
  if (changes.length === 0) return { steps: [], warnings: [] };
  requireEditable(rows);
  return planOf('update', { ...alias, force: true }, changes);
}

function planOf(action: 'create' | 'update', alias: Alias, changes: readonly string[]): Plan {
  return {
    steps: [{ action, kind: 'alias', name: alias.name, changes, work: { kind: 'put-alias', alias } }],
    warnings: [],
  };
}

function requireProvider(
  { credential }: Alias,
  { providers }: Pick<Wanted, 'providers'>,
  { credentials }: SeenRows,
): void {
  if (credential === undefined || rowsBy(providers, providerName).has(credential)) return;
  if (rowsBy(credentials, credentialName).has(credential)) return;
  throw providerUnknown(credential, [...new Set([...providers.map(providerName), ...credentials.map(credentialName)])]);
}

const providerName = ({ name }: { readonly name: string }) => name;

const FIELDS: Readonly<Record<string, string>> = { model: 'target', litellm_credential_name: 'provider' };
const nameOf = (field: string) => FIELDS[field] ?? cleanMessage(field);

const describe = ({ model, litellm_credential_name: provider, ...params }: Params) => [
  String(model),
  ...(provider === undefined ? [] : [`by ${provider}`]),
  ...Object.entries(params).map(([field, value]) => `${field} ${shownValue(value)}`),
];

function changesOf(row: ModelRow, wanted: Params): readonly string[] {
  const before = row.litellm_params;
  const differing = Object.entries(wanted).filter(([field, value]) => !has(row, { [field]: value }));
  return [
    ...differing.map(([field, value]) => `${nameOf(field)} ${shownValue(before[field])} -> ${shownValue(value)}`),
    ...surplusParams(row, wanted).map((field) => `${nameOf(field)} ${shownValue(before[field])} removed`),
  ];
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return cleanMessage(typeof value === 'string' ? value : JSON.stringify(value));
}
