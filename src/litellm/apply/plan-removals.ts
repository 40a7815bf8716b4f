import { listed } from '../../text/shown-text.ts';
import { modelName } from '../admin/alias-rows.ts';
import { FILE_MARK } from '../admin/owner-mark.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { ModelRow } from '../admin/schemas.ts';
import type { Plan, Seen, Step, Wanted } from './plan.ts';
import { fallbackStep } from './plan-fallbacks.ts';

/** Removes entries from this file that are no longer in it: keys first, then aliases, then the providers that they used. */
export function planRemovals(wanted: Wanted, seen: Seen, prune: boolean): Plan {
  const models = removedModels(wanted, seen);
  const users = usersAfterwards(wanted, seen, new Set(models));
  const providers = removedProviders(wanted, seen).map((name) => ({ name, users: [...(users.get(name) ?? [])] }));
  const steps = [
    ...removedKeys(wanted, seen),
    ...fallbackSteps(models, seen),
    ...aliasSteps(models),
    ...providers
      .filter(({ users }) => users.length === 0)
      .map(({ name }) => removal('provider', name, { kind: 'remove-provider', name })),
  ];
  const used = providers.filter(({ users }) => users.length > 0);
  const warnings = used.map(({ name, users }) => `Provider ${name} stays because it is in use by ${listed(users)}`);
  if (prune) return { steps, warnings };
  const names = steps.map(({ kind, name }) => `${kind} ${name}`);
  return {
    steps: [],
    warnings:
      names.length > 0
        ? [`Entries that are no longer in the file stay until agents-llm apply --prune: ${listed(names)}`]
        : [],
  };
}

/** The aliases that will use each provider after the rest of the plan. */
function usersAfterwards({ aliases }: Wanted, seen: Seen, removed: ReadonlySet<ModelRow>) {
  const users = new Map<unknown, Set<string>>();
  const add = (provider: unknown, alias: string) => users.set(provider, (users.get(provider) ?? new Set()).add(alias));
  const wanted = new Set(aliases.map(({ name }) => name));
  for (const alias of aliases)
    for (const { credential } of [alias, ...(alias.others ?? [])]) add(credential, alias.name);
  for (const row of seen.models) {
    if (!removed.has(row) && !wanted.has(row.model_name))
      add(row.litellm_params.litellm_credential_name, row.model_name);
  }
  return users;
}

/** The rows of aliases that this file no longer has. */
export function removedModels({ file, aliases }: Wanted, { models }: Pick<Seen, 'models'>): readonly ModelRow[] {
  const wanted = new Set(aliases.map(({ name }) => name));
  return models.filter((row) => row.model_info[FILE_MARK] === file && !wanted.has(row.model_name));
}

function removedProviders({ file, providers }: Wanted, { credentials }: Seen): readonly string[] {
  const wanted = new Set(providers.map(({ name }) => name));
  return credentials
    .filter((row) => row.credential_info?.[FILE_MARK] === file)
    .map((row) => row.credential_name)
    .filter((name) => !wanted.has(name));
}

function removedKeys({ file, keys }: Wanted, seen: Seen): readonly Step[] {
  const wanted = new Set(keys.map(({ wish }) => wish.alias));
  return seen.keys.flatMap((row) => {
    const alias = row.key_alias;
    if (row.metadata?.[FILE_MARK] !== file || !alias || wanted.has(alias)) return [];
    return [removal('key', alias, { kind: 'remove-key', alias, token: row.token })];
  });
}

function aliasSteps(rows: readonly ModelRow[]): readonly Step[] {
  return [...rowsBy(rows, modelName)].map(([name, same]) =>
    removal('alias', String(name), { kind: 'remove-rows', ids: same.map((row) => row.model_info.id) }),
  );
}

/** The rules of aliases that no longer have a row. */
function fallbackSteps(removed: readonly ModelRow[], { models, fallbacks }: Seen): readonly Step[] {
  const left = new Set(models.filter((row) => !removed.includes(row)).map(modelName));
  const gone = [...rowsBy(removed, modelName).keys()].map(String).filter((name) => !left.has(name));
  return gone.flatMap((name) => {
    const before = fallbacks.get(name);
    return before === undefined ? [] : [fallbackStep(name, before, [])];
  });
}

function removal(kind: 'provider' | 'alias' | 'key', name: string, work: Step['work']): Step {
  return { action: 'remove', kind, name, changes: [], work };
}
