import type { DataRows } from './data-rows.ts';

export type DataKind = 'provider' | 'alias' | 'key' | 'team';

/** Something that was lost, changed or became unreadable. */
export interface DataLoss {
  readonly kind: DataKind;
  readonly name: string;
  readonly what: 'lost' | 'changed' | 'unreadable';
  readonly why: string;
}

/** The data that LiteLLM shows; the ids of keys are their hashes. */
export interface ShownData {
  readonly providers: readonly { name: string; values: Readonly<Record<string, unknown>> }[];
  /** `provider` is the name of the one that it uses. */
  readonly aliases: readonly { id: string; name: string; provider: string | null }[];
  readonly keys: readonly { id: string }[];
  readonly teams: readonly { id: string }[];
}

/** A virtual key that is saved on this machine, by its hash. */
export interface KeptKey {
  readonly alias: string;
  readonly hash: string;
}

interface Item {
  readonly kind: DataKind;
  readonly id: string;
  readonly name: string;
  readonly hash: string;
}

/** What is missing or changed afterwards. What was created in between is not a loss. */
export function findLosses(before: DataRows, after: DataRows): DataLoss[] {
  const current = new Map(itemsOf(after).map((item) => [`${item.kind} ${item.id}`, item]));
  return itemsOf(before).flatMap(({ kind, id, name, hash }): DataLoss[] => {
    const match = current.get(`${kind} ${id}`);
    if (!match) return [{ kind, name, what: 'lost', why: 'its row is missing from the database' }];
    return match.hash === hash ? [] : [{ kind, name, what: 'changed', why: 'its settings have changed' }];
  });
}

/** Rows that LiteLLM does not show, or shows encrypted. It does not report either as an error. */
export function findUnreadable(rows: DataRows, shown: ShownData): DataLoss[] {
  const visible = { alias: idsOf(shown.aliases), key: idsOf(shown.keys), team: idsOf(shown.teams) };
  const hidden = itemsOf(rows).flatMap(({ kind, id, name }): DataLoss[] =>
    kind === 'provider' || visible[kind].has(id)
      ? []
      : [{ kind, name, what: 'unreadable', why: 'it is in the database, but LiteLLM does not show it' }],
  );
  const encrypted = rows.providers.flatMap(({ name, values }): DataLoss[] => {
    const provider = shown.providers.find((candidate) => candidate.name === name);
    const why = provider
      ? isCiphertext(provider.values, values) && 'LiteLLM shows it encrypted, because the salt key is another one'
      : 'it is in the database, but LiteLLM does not show it';
    return why ? [{ kind: 'provider', name, what: 'unreadable', why }] : [];
  });
  return [...encrypted, ...hidden];
}

/** Missing rows that something else still refers to: LiteLLM's memory, an alias, a saved virtual key. */
export function findMissing(rows: DataRows, shown: ShownData, kept: readonly KeptKey[]): DataLoss[] {
  const lost = (kind: DataKind, name: string, why: string): DataLoss => ({ kind, name, what: 'lost', why });
  const [aliases, keys] = [idsOf(rows.aliases), idsOf(rows.keys)];
  const providers = new Set(rows.providers.map(({ name }) => name));
  return [
    ...shown.aliases
      .filter(({ id }) => !aliases.has(id))
      .map(({ name }) => lost('alias', name, 'LiteLLM has it in memory, but its row is missing from the database')),
    ...shown.aliases.flatMap(({ name, provider }) =>
      provider === null || providers.has(provider) ? [] : [lost('provider', provider, `the alias ${name} uses it`)],
    ),
    ...kept
      .filter(({ hash }) => !keys.has(hash))
      .map(({ alias }) =>
        lost(
          'key',
          alias,
          `it is saved on this machine, but its row is missing from the database (key revoke ${alias} removes the saved copy)`,
        ),
      ),
  ];
}

/** The first loss as a sentence, with the number of losses. */
export function describeLoss(losses: readonly DataLoss[]): string {
  const [first] = losses;
  if (!first) return 'No data is lost';
  const kind = `${first.kind.charAt(0).toUpperCase()}${first.kind.slice(1)}`;
  return `${kind} ${first.name} is ${first.what}: ${first.why} (${losses.length} in all)`;
}

function itemsOf({ providers, aliases, keys, teams }: DataRows): Item[] {
  return [
    ...providers.map(({ name, hash }) => ({ kind: 'provider' as const, id: name, name, hash })),
    ...aliases.map((row) => ({ kind: 'alias' as const, ...row })),
    ...keys.map((row) => ({ kind: 'key' as const, ...row })),
    ...teams.map((row) => ({ kind: 'team' as const, ...row })),
  ];
}

const idsOf = (rows: readonly { id: string }[]) => new Set(rows.map(({ id }) => id));

/** LiteLLM shows values that it cannot decrypt as they are stored, or masked (`1q****4=`). */
function isCiphertext(shown: Readonly<Record<string, unknown>>, stored: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(stored).some(([name, value]) => {
    const text = shown[name];
    if (typeof text !== 'string' || typeof value !== 'string' || value === '') return false;
    const [begin, ...rest] = text.split(/\*{2,}/);
    const isMask = Boolean(begin) && rest.length === 1 && rest[0] !== '';
    return text === value || (isMask && value.startsWith(begin ?? '') && value.endsWith(rest[0] ?? ''));
  });
}
