import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../context/context.ts';
import { asRecord } from '../text/json.ts';
import type { AgentSetup, OverridingSettings } from './agent.ts';
import { parseJsonSettings } from './json-settings.ts';

type World = Pick<Context, 'cwd' | 'env' | 'files' | 'home'>;

/**
 * If one of the agent's settings files contradicts the setup, the variables are also written to a file of ours in `folder`.
 * Returns the arguments that pass it to the agent; it holds the key, which must not be an argument.
 */
export async function overridingArgs(
  { files, option }: OverridingSettings,
  { removed, variables }: AgentSetup,
  folder: string,
  world: World,
): Promise<readonly string[]> {
  const wanted: Record<string, string> = { ...Object.fromEntries(removed.map((name) => [name, ''])), ...variables };
  const found = await Promise.all(files(world).map((path) => variablesIn(path, world)));
  const contradicts = (env: Readonly<Record<string, unknown>>) =>
    Object.entries(wanted).some(([name, value]) => Object.hasOwn(env, name) && env[name] !== value);
  if (!found.some(contradicts)) return [];
  const text = `${JSON.stringify({ env: wanted }, null, 2)}\n`;
  // Runs at the same time may differ in model and key.
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const path = join(folder, `settings-${hash}.json`);
  await world.files.makeOwnFolder(folder);
  await world.files.write(path, text, 0o600);
  return [option, path];
}

/** The agent itself ignores a file that it cannot read. */
async function variablesIn(path: string, { files }: World): Promise<Readonly<Record<string, unknown>>> {
  try {
    return asRecord(asRecord(parseJsonSettings((await files.read(path)) ?? '')).env);
  } catch {
    return {};
  }
}
