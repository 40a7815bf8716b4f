import type { Config } from './config.ts';

/** The meaning of a file as one text, independent of comments, formatting and the order of entries. */
export function meaningOf({ providers, aliases, keys, litellm, ...settings }: Config): string {
  const meaning = {
    ...settings,
    litellm: litellm?.hash,
    providers: byName(providers, ({ name }) => name),
    aliases: byName(aliases, ({ name }) => name),
    keys: byName(keys, ({ alias }) => alias),
  };
  // Through JSON, so that an undefined field counts as missing, because later versions have more fields.
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(meaning))));
}

const byName = <Entry>(entries: readonly Entry[], nameOf: (entry: Entry) => string) =>
  Object.fromEntries(entries.map((entry) => [nameOf(entry), entry]));

/** Converts objects to sorted lists of entries, because JSON depends on the order of fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { entries: entries.map(([name, inner]) => [name, sorted(inner)]) };
}
