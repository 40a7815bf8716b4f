import { ambiguous, requireEditable } from '../admin/alias-errors.ts';
import { type AliasTarget, fieldsOf, has, type Params, rowsOf, surplusParams } from '../admin/alias-rows.ts';
import { type Alias, matchTargets } from '../admin/aliases.ts';
import { credentialName, providerUnknown } from '../admin/credentials.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { FILE_MARK } from '../admin/owner-mark.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { ModelRow } from '../admin/schemas.ts';
import { completeParams } from '../aliases/complete-params.ts';
import type { Plan, Seen, Wanted } from './plan.ts';

type SeenRows = Pick<Seen, 'models' | 'credentials'>;

export function planAlias(
  alias: Alias,
  wanted: Pick<Wanted, 'file' | 'providers'>,
  seen: SeenRows,
  force: boolean,
): Plan {
  const targets = [alias, ...(alias.others ?? [])];
  for (const target of targets) requireProvider(target, wanted, seen);
  const rows = rowsOf(seen.models, alias.name);
  const [row, ...others] = rows;
  if (!row)
    return planOf(
      'create',
      alias,
      targets.flatMap((target) => describe(completeParams(alias.name, target))),
    );
  const { changes, edited } = targets.length > 1 ? changesOfTargets(alias, rows) : changesOfRow(alias, row, others);
  // Several rows from this file are either several targets or the rest of an interrupted change.
  const mayReplace = force || edited.every(({ model_info }) => model_info[FILE_MARK] === wanted.file);
  if (others.length > 0 && !mayReplace)
    throw ambiguous(alias.name, rows, 'Merge them into one: agents-llm apply --force');
  if (changes.length === 0) return { steps: [], warnings: [] };
  requireEditable(edited);
  return planOf('update', { ...alias, force: true }, changes);
}

interface Changes {
  readonly changes: readonly string[];
  /** The rows that are changed. */
  readonly edited: readonly ModelRow[];
}

function changesOfRow(alias: Alias, row: ModelRow, others: readonly ModelRow[]): Changes {
  const edited = [row, ...others];
  const merged = others.length > 0 ? [`${edited.length} rows merged into one`] : [];
  return { changes: [...changesOf(row, completeParams(alias.name, alias, row)), ...merged], edited };
}

function changesOfTargets(alias: Alias, rows: readonly ModelRow[]): Changes {
  const { missing, surplus } = matchTargets(alias, rows);
  const shown = (params: Params) => describe(params).join(' ');
  return {
    changes: [
      ...missing.map((target) => `${shown(completeParams(alias.name, target))} added`),
      ...surplus.map(({ litellm_params: { model, litellm_credential_name: provider, weight } }) => {
        const own = {
          ...(provider == null ? {} : { litellm_credential_name: provider }),
          ...(weight == null ? {} : { weight }),
        };
        return `${shown({ model, ...own })} removed`;
      }),
    ],
    edited: surplus,
  };
}

function planOf(action: 'create' | 'update', alias: Alias, changes: readonly string[]): Plan {
  return {
    steps: [{ action, kind: 'alias', name: alias.name, changes, work: { kind: 'put-alias', alias } }],
    warnings: [],
  };
}

function requireProvider(
  { credential }: AliasTarget,
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
  const before = fieldsOf(row);
  const differing = Object.entries(wanted).filter(([field, value]) => !has(row, { [field]: value }));
  return [
    ...differing.map(([field, value]) => `${nameOf(field)} ${shownValue(before[field])} -> ${shownValue(value)}`),
    ...surplusParams(row, wanted, true).map((field) => `${nameOf(field)} ${shownValue(before[field])} removed`),
  ];
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return cleanMessage(typeof value === 'string' ? value : JSON.stringify(value));
}
