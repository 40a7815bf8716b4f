import type { DataRows } from './data-rows.ts';

export type DataKind = 'provider' | 'alias' | 'key' | 'team';

/** Something that is no longer as it was. */
export interface DataLoss {
  readonly kind: DataKind;
  readonly name: string;
  readonly what: 'lost' | 'changed' | 'unreadable';
  readonly why: string;
}

/** What the proxy shows of what its database holds, and what this machine keeps; the ids of keys are their hashes. */
export interface ShownData {
  readonly providers: readonly { name: string; values: Readonly<Record<string, unknown>> }[];
  /** `provider` is the name of the one that it uses. */
  readonly aliases: readonly { id: string; name: string; provider: string | null }[];
  readonly keys: readonly { id: string }[];
  readonly teams: readonly { id: string }[];
}

/** A key that was provisioned on this machine, by its hash. */
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

/** What was in the database before and is not, or is otherwise, after. What came in between is no loss. */
export function findLosses(before: DataRows, after: DataRows): DataLoss[] {
  const now = new Map(itemsOf(after).map((item) => [`${item.kind} ${item.id}`, item]));
  return itemsOf(before).flatMap(({ kind, id, name, hash }): DataLoss[] => {
    const found = now.get(`${kind} ${id}`);
    if (!found) return [{ kind, name, what: 'lost', why: 'its row is gone from the database' }];
    return found.hash === hash ? [] : [{ kind, name, what: 'changed', why: 'its settings are no longer the same' }];
  });
}

/** Rows that the proxy does not show, or shows as it found them: LiteLLM calls neither an error. */
export function findUnreadable(rows: DataRows, shown: ShownData): DataLoss[] {
  const of = { alias: idsOf(shown.aliases), key: idsOf(shown.keys), team: idsOf(shown.teams) };
  const hidden = itemsOf(rows).flatMap(({ kind, id, name }): DataLoss[] =>
    kind === 'provider' || of[kind].has(id)
      ? []
      : [{ kind, name, what: 'unreadable', why: 'it is in the database, and LiteLLM does not show it' }],
  );
  const encrypted = rows.providers.flatMap(({ name, values }): DataLoss[] => {
    const visible = shown.providers.find((provider) => provider.name === name);
    const why = visible
      ? isCiphertext(visible.values, values) && 'LiteLLM shows it encrypted: the salt key is another one'
      : 'it is in the database, and LiteLLM does not show it';
    return why ? [{ kind: 'provider', name, what: 'unreadable', why }] : [];
  });
  return [...encrypted, ...hidden];
}

/** What something else still speaks of, although its row is gone: the proxy's memory, an alias, a key kept here. */
export function findMissing(rows: DataRows, shown: ShownData, kept: readonly KeptKey[]): DataLoss[] {
  const lost = (kind: DataKind, name: string, why: string): DataLoss => ({ kind, name, what: 'lost', why });
  const [aliases, keys] = [idsOf(rows.aliases), idsOf(rows.keys)];
  const providers = new Set(rows.providers.map(({ name }) => name));
  return [
    ...shown.aliases
      .filter(({ id }) => !aliases.has(id))
      .map(({ name }) => lost('alias', name, 'LiteLLM has it in memory, and its row is gone from the database')),
    ...shown.aliases.flatMap(({ name, provider }) =>
      provider === null || providers.has(provider) ? [] : [lost('provider', provider, `the alias ${name} uses it`)],
    ),
    ...kept
      .filter(({ hash }) => !keys.has(hash))
      .map(({ alias }) =>
        lost(
          'key',
          alias,
          `it is kept on this machine, and its row is gone from the database (key revoke ${alias} forgets it)`,
        ),
      ),
  ];
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

/** LiteLLM shows what it cannot decrypt as it is stored, masked by name (`1q****4=`). */
function isCiphertext(shown: Readonly<Record<string, unknown>>, stored: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(stored).some(([name, value]) => {
    const text = shown[name];
    if (typeof text !== 'string' || typeof value !== 'string' || value === '') return false;
    const [begin, ...rest] = text.split(/\*{2,}/);
    const isMask = Boolean(begin) && rest.length === 1 && rest[0] !== '';
    return text === value || (isMask && value.startsWith(begin ?? '') && value.endsWith(rest[0] ?? ''));
  });
}
