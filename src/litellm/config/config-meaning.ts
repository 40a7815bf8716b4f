import type { Config } from './config.ts';

/** What a file says, as one text: the same whatever its comments, its formatting and the order of its entries. */
export function meaningOf({ providers, aliases, keys, litellm, ...settings }: Config): string {
  const meaning = {
    ...settings,
    litellm: litellm?.hash,
    providers: byName(providers, ({ name }) => name),
    aliases: byName(aliases, ({ name }) => name),
    keys: byName(keys, ({ alias }) => alias),
  };
  // By way of JSON, so that a field that is undefined counts as missing: later versions know more fields.
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(meaning))));
}

const byName = <Entry>(entries: readonly Entry[], nameOf: (entry: Entry) => string) =>
  Object.fromEntries(entries.map((entry) => [nameOf(entry), entry]));

/** Objects as lists of their entries, because the text of an object would follow the order of its fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { entries: entries.map(([name, inner]) => [name, sorted(inner)]) };
}
