import { variableProblem } from '../../model/owned-variables.ts';
import { KEY_VARIABLES, KEYLESS } from '../admin/known-providers.ts';
import type { ConfigFields } from '../config/config-schema.ts';
import { doubtfulKeys } from '../gateway-config/known-keys.ts';
import type { LitellmMap } from '../gateway-config/litellm-config.ts';
import { litellmProblems, variablesIn } from '../gateway-config/litellm-rules.ts';
import type { Path, Recorder } from './import-report.ts';
import { type ImportedRow, importRow, type ProviderEntry } from './import-row.ts';
import { callbackVariables, withCacheParams } from './import-settings.ts';
import { importValues, type ValueOptions } from './import-values.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Converts to the fields of agents-llm.yaml with the same meaning. Records what happens to each entry. */
export function importLitellm(
  config: LitellmMap,
  options: ValueOptions & {
    /** The names of all variables that it was used with, of which `environment` has the plain ones. */
    readonly given: ReadonlySet<string>;
  },
): ConfigFields {
  const { record } = options;
  const kept = keptValues(config, options);
  const { model_list: list, ...settings } = withCacheParams(kept, options.given, record);
  const { fields, rest } = importModels(Array.isArray(list) ? (list as Rows) : [], record);
  const litellm = nonEmpty({ ...(rest.length > 0 ? { model_list: rest } : {}), ...settings });
  for (const name of Object.keys(settings)) if (name in litellm) record('taken', [name], `litellm.${name}`);
  // Variables that the stack sets itself are left out.
  const variables = [...new Set([...variablesIn(litellm), ...callbackVariables(litellm, record)])].filter(
    (name) => variableProblem(name) === undefined,
  );
  return {
    ...fields,
    ...(variables.length > 0 ? { env: Object.fromEntries(variables.map((name) => [name, { from: name }])) } : {}),
    ...(Object.keys(litellm).length > 0 ? { litellm } : {}),
  };
}

/** What LiteLLM reads and may have, with variables in place of keys. */
function keptValues(config: LitellmMap, { environment, record }: ValueOptions): LitellmMap {
  const ignored = doubtfulKeys(config).filter(({ message }) => message.includes('no effect'));
  for (const { path, message } of ignored) record('ignored', path, message);
  const read = without(
    config,
    ignored.map(({ path }) => path),
  );
  const changes: Parameters<Recorder>[] = [];
  const values = importValues(read, { environment, record: (...change) => changes.push(change) }) as LitellmMap;
  const owned = onePerPath(litellmProblems(values).map(({ path, message }) => ({ path: ownerOf(path), message })));
  for (const { path, message } of owned) record('left out', path, message);
  // Nobody needs to know how an entry was changed that is left out.
  const isOwned = (path: Path) => owned.some((one) => one.path.every((step, at) => step === path[at]));
  for (const change of changes) if (!isOwned(change[1])) record(...change);
  return without(
    values,
    owned.map(({ path }) => path),
  ) as LitellmMap;
}

/** A row is always left out as a whole. */
const ownerOf = (path: Path): Path => (path[0] === 'model_list' ? path.slice(0, 2) : path);

/** Of several reasons the first. */
function onePerPath<Problem extends { readonly path: Path }>(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map([...problems].reverse().map((problem) => [problem.path.join('\0'), problem])).values()].reverse();
}

function nonEmpty(value: LitellmMap): LitellmMap {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, inner]) => inner !== null && (typeof inner !== 'object' || Object.keys(inner as object).length > 0),
    ),
  );
}

/** A copy without the values at these paths. */
function without(value: unknown, paths: readonly Path[], at: Path = []): unknown {
  const isGone = (step: PropertyKey) =>
    paths.some(
      (path) => path.length === at.length + 1 && [...at, step].every((name, i) => String(path[i]) === String(name)),
    );
  if (Array.isArray(value)) return value.flatMap((inner, i) => (isGone(i) ? [] : [without(inner, paths, [...at, i])]));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      isGone(name) ? [] : [[name, without(inner, paths, [...at, name])]],
    ),
  );
}

interface ImportedModels {
  readonly fields: Pick<ConfigFields, 'providers' | 'aliases'>;
  /** Rows that stay in LiteLLM's own configuration. */
  readonly rest: Rows;
}

function importModels(rows: Rows, record: Recorder): ImportedModels {
  const providers = new Map<string, { name: string; entry: ProviderEntry }>();
  const aliases: NonNullable<ConfigFields['aliases']> = {};
  const rest: Rows[number][] = [];
  for (const name of new Set(rows.map((row) => String(row.model_name)))) {
    const own = rows.filter((row) => row.model_name === name);
    const path = (row: Rows[number]): Path => ['model_list', rows.indexOf(row)];
    const imported = own.map(importRow);
    const why = isInvalidName(name)
      ? 'its name cannot be an alias'
      : (imported.find((row) => typeof row === 'string') as string | undefined);
    if (why !== undefined || own.length > 1) {
      rest.push(...own);
      const reason = why ?? 'several targets share its name';
      for (const row of own) record('taken', path(row), `litellm.model_list, because ${reason}`);
      continue;
    }
    const [row] = imported as readonly ImportedRow[];
    if (!row || !own[0]) continue;
    const provider = row.provider && providerFor(row.kind, row.provider, providers);
    aliases[name] = { ...row.target, ...(provider === undefined ? {} : { provider }) };
    record('taken', path(own[0]), `alias ${name}${provider === undefined ? '' : `, provider ${provider}`}`);
  }
  const entries = [...providers.values()].map(({ name, entry }) => [name, entry]);
  return { fields: { providers: Object.fromEntries(entries), aliases }, rest };
}

/** Names that cannot be keys in the YAML file. */
const isInvalidName = (name: string) => name.trim() === '' || name === '__proto__' || name === '<<';

/** The name of the provider with this key and address; adds it if it is new. */
function providerFor(
  kind: string,
  entry: ProviderEntry,
  known: Map<string, { name: string; entry: ProviderEntry }>,
): string {
  const identity = JSON.stringify([kind, Object.entries(entry).sort()]);
  const found = known.get(identity);
  if (found) return found.name;
  const taken = new Set([...known.values()].map(({ name }) => name));
  let name = kind;
  for (let at = 2; taken.has(name); at += 1) name = `${kind}-${at}`;
  const isImplied = name === kind && (Object.hasOwn(KEY_VARIABLES, kind) || KEYLESS.has(kind));
  known.set(identity, { name, entry: isImplied ? entry : { provider: kind, ...entry } });
  return name;
}
