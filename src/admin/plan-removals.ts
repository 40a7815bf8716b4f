import { FILE_MARK } from './owner-mark.ts';
import type { Plan, Seen, Step, Wanted } from './plan.ts';
import type { ModelRow } from './schemas.ts';

/** What was made from this file and is no longer in it: keys first, then aliases, then the providers that they used. */
export function planRemovals(wanted: Wanted, seen: Seen, prune: boolean): Plan {
  const models = removedModels(wanted, seen);
  const usersOf = (name: string) => usersAfterwards(name, wanted, seen, models);
  const providers = removedProviders(wanted, seen).map((name) => ({ name, users: usersOf(name) }));
  const steps = [
    ...removedKeys(wanted, seen),
    ...aliasSteps(models),
    ...providers
      .filter(({ users }) => users.length === 0)
      .map(({ name }) => removal('provider', name, { kind: 'remove-provider', name })),
  ];
  const used = providers.filter(({ users }) => users.length > 0);
  const warnings = used.map(({ name, users }) => `provider ${name} stays, since it is used by: ${users.join(', ')}`);
  if (prune) return { steps, warnings };
  const names = steps.map(({ kind, name }) => `${kind} ${name}`);
  return {
    steps: [],
    warnings: names.length > 0 ? [`no longer in the file, and removed by apply --prune: ${names.join(', ')}`] : [],
  };
}

/** The aliases that will use a provider when all else of the plan is done. */
function usersAfterwards(
  name: string,
  { aliases }: Wanted,
  seen: Seen,
  removed: readonly ModelRow[],
): readonly string[] {
  const own = aliases.filter(({ credential }) => credential === name).map((alias) => alias.name);
  const others = seen.models
    .filter((row) => !removed.includes(row) && !aliases.some((alias) => alias.name === row.model_name))
    .filter((row) => row.litellm_params.litellm_credential_name === name);
  return [...new Set([...own, ...others.map((row) => row.model_name)])];
}

/** The rows of aliases that this file no longer has. */
export function removedModels({ file, aliases }: Wanted, { models }: Pick<Seen, 'models'>): readonly ModelRow[] {
  return models.filter(
    (row) => row.model_info[FILE_MARK] === file && !aliases.some(({ name }) => name === row.model_name),
  );
}

function removedProviders({ file, providers }: Wanted, { credentials }: Seen): readonly string[] {
  return credentials
    .filter((row) => row.credential_info?.[FILE_MARK] === file)
    .map((row) => row.credential_name)
    .filter((name) => !providers.some((provider) => provider.name === name));
}

function removedKeys({ file, keys }: Wanted, seen: Seen): readonly Step[] {
  return seen.keys.flatMap((row) => {
    const alias = row.key_alias;
    if (row.metadata?.[FILE_MARK] !== file || !alias || keys.some(({ wish }) => wish.alias === alias)) return [];
    return [removal('key', alias, { kind: 'remove-key', alias, token: row.token })];
  });
}

function aliasSteps(rows: readonly ModelRow[]): readonly Step[] {
  return [...new Set(rows.map((row) => row.model_name))].map((name) => {
    const ids = rows.filter((row) => row.model_name === name).map((row) => row.model_info.id);
    return removal('alias', name, { kind: 'remove-rows', ids });
  });
}

function removal(kind: 'provider' | 'alias' | 'key', name: string, work: Step['work']): Step {
  return { action: 'remove', kind, name, changes: [], work };
}
