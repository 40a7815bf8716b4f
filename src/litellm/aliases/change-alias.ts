import type { Invocation } from '../../context/invocation.ts';
import { listed, shellWord } from '../../text/shown-text.ts';
import { has, type Params, rowsOf } from '../admin/alias-rows.ts';
import { putAlias, removeAlias } from '../admin/aliases.ts';
import type { AdminClient } from '../admin/client.ts';
import type { Change } from '../admin/credentials.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { listModels } from '../admin/models.ts';
import { changing } from '../open-admin.ts';
import { listFallbacks, putFallbacks, usersOf } from './fallbacks.ts';
import { reachable, runtimeOf, targetWarnings } from './first-call.ts';

export interface AliasWish {
  readonly name: string;
  readonly target: string;
  readonly credential: string | undefined;
  readonly params: Params;
  /** Undefined to leave them as they are. */
  readonly fallbacks: readonly string[] | undefined;
  readonly force: boolean;
  readonly append: boolean;
}

export interface AddedAlias {
  readonly change: Change;
  /** Whether parameters that the target does not support are dropped. */
  readonly dropParams: boolean;
}

/** Creates or changes an alias and its fallbacks, after warnings about settings that would make its calls fail. */
export async function addAlias(
  client: AdminClient,
  { fallbacks, ...wish }: AliasWish,
  invocation: Invocation,
): Promise<AddedAlias> {
  const { name, target } = wish;
  const runtime = await runtimeOf(client, invocation);
  const alias = { ...wish, params: reachable(wish.params, runtime) };
  for (const warning of targetWarnings(name, alias, runtime)) invocation.warn(warning);
  const change = await changing(invocation, client, 'alias add', async () => {
    const made = await putAlias(client, alias);
    const fallen = fallbacks === undefined ? 'unchanged' : await putFallbacks(client, name, fallbacks);
    return made === 'unchanged' && fallen !== 'unchanged' ? 'updated' : made;
  });
  const rows = rowsOf(await listModels(client), name);
  return { change, dropParams: rows.some((row) => has(row, { model: target, drop_params: true })) };
}

/** Removes an alias and its fallbacks; warns about a pattern or fallbacks that still refer to its name. */
export async function removeWithFallbacks(
  client: AdminClient,
  name: string,
  force: boolean,
): Promise<{ readonly change: Change; readonly warnings: readonly string[] }> {
  const { change, pattern } = await removeAlias(client, name, force);
  if (change === 'removed') await putFallbacks(client, name, []);
  const users = change === 'removed' && pattern === undefined ? usersOf(name, await listFallbacks(client)) : [];
  const warnings = [
    ...(pattern === undefined ? [] : [patternStays(name, pattern, change)]),
    ...(users.length === 0 ? [] : [`"${cleanMessage(name)}" is still a fallback of ${listed(users)}`]),
  ];
  return { change, warnings };
}

function patternStays(name: string, pattern: string, change: Change): string {
  const [alias, shown] = [cleanMessage(name), cleanMessage(pattern)];
  if (change === 'removed') return `The pattern "${shown}" still answers to "${alias}"`;
  const command = `agents-llm alias remove ${shellWord(shown)}`;
  return `"${alias}" has no row of its own: it comes from the pattern "${shown}". To remove the pattern: ${command}`;
}
