import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { CliError } from '../../model/errors.ts';
import type { AdminClient } from '../admin/client.ts';
import type { Change } from '../admin/credentials.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { servedAliases } from '../admin/models.ts';
import { rejected } from '../admin/transport-errors.ts';
import { modelsMissing, unserved } from '../keys/key-models.ts';

/** The aliases that are tried in turn when an alias fails, by its name. */
export type Fallbacks = ReadonlyMap<string, readonly string[]>;

const RULES = z.object({
  current_values: z.optional(z.object({ fallbacks: z.nullish(z.array(z.record(z.string(), z.unknown()))) })),
});

/** LiteLLM's format: each rule has one name, which is an alias or `*`. */
type Rules = readonly Readonly<Record<string, unknown>>[];

async function readRules(client: AdminClient): Promise<Rules> {
  const answer = await client.call({ method: 'GET', path: '/router/settings' });
  return (answer.ok ? z.safeParse(RULES, answer.body).data?.current_values?.fallbacks : undefined) ?? [];
}

export async function listFallbacks(client: AdminClient): Promise<Fallbacks> {
  const entries = (await readRules(client)).flatMap((rule) => Object.entries(rule));
  return new Map(
    entries.map(([name, models]) => [
      name,
      Array.isArray(models) ? models.filter((model) => typeof model === 'string') : [],
    ]),
  );
}

/**
 * Sets the fallbacks of an alias and reads them back; an empty list removes its rule. Uses `/config/update`, because the
 * `/fallback/` routes do not accept a name with a slash. The rules of other aliases are sent back unchanged.
 */
export async function putFallbacks(client: AdminClient, name: string, models: readonly string[]): Promise<Change> {
  const rules = await readRules(client);
  const before = rules.find((rule) => name in rule)?.[name];
  if (isDeepStrictEqual(before ?? [], models)) return 'unchanged';
  requireOthers(name, models);
  const served = models.length === 0 ? [] : await servedAliases(client);
  const missing = unserved(models, served);
  if (missing.length > 0) throw modelsMissing(missing, served);
  const others = rules.filter((rule) => !(name in rule));
  const fallbacks = models.length === 0 ? others : [...others, { [name]: models }];
  const body = { router_settings: { fallbacks } };
  const call = { method: 'POST', path: '/config/update', body, lookup: 'agents-llm alias list' } as const;
  const answer = await client.call(call);
  if (!answer.ok) throw rejected(call, answer);
  if (!isDeepStrictEqual((await listFallbacks(client)).get(name) ?? [], models)) {
    throw rejected(call, { ...answer, message: `LiteLLM does not report the fallbacks of "${cleanMessage(name)}"` });
  }
  if (models.length === 0) return 'removed';
  return before === undefined ? 'created' : 'updated';
}

/** The aliases that fall back to this one. */
export function usersOf(name: string, fallbacks: Fallbacks): readonly string[] {
  return [...fallbacks].filter(([, models]) => models.includes(name)).map(([user]) => user);
}

export function requireOthers(name: string, models: readonly string[]): void {
  if (!models.includes(name)) return;
  throw new CliError('usage', `"${name}" cannot be its own fallback`, { hint: 'Name other aliases with --fallback' });
}
