import { join } from 'node:path';
import type { Context } from '../context/context.ts';
import { isRecord } from '../text/json.ts';
import type { GatewayAccess, SettingsCopy } from './agent.ts';
import { guardRead, parseJsonSettings, settingsInvalid } from './json-settings.ts';

/** The agent's own settings folder, and the folder of our copy. */
export interface SettingsPlace {
  readonly users: string;
  readonly own: string;
}

export function settingsPlace(copy: SettingsCopy, folder: string, { env, home }: Pick<Context, 'env' | 'home'>) {
  const named = env[copy.variable];
  return { users: named ? join(named, copy.below) : join(home, copy.folder), own: join(folder, copy.below) };
}

/**
 * Copies the user's settings of an agent, changed for the gateway, into our own folder. Everything else beside them
 * (history, extensions, commands) is linked, so that the agent keeps using it in place.
 * Throws `agent_settings_invalid` when they cannot be read.
 */
export async function copySettings(
  copy: SettingsCopy,
  { users, own }: SettingsPlace,
  access: Omit<GatewayAccess, 'key'>,
  { files }: Pick<Context, 'files'>,
): Promise<void> {
  const settings = await readSettings(files, join(users, copy.file));
  await files.makeOwnFolder(own);
  await files.write(join(own, copy.file), `${JSON.stringify(copy.change(settings, access), null, 2)}\n`, 0o600);
  const others = (await files.list(users)).filter((name) => name !== copy.file);
  // Without permission to create links, as on Windows, the agent starts with an empty history.
  await Promise.all(others.map((name) => files.linkTo(join(users, name), join(own, name)).catch(() => undefined)));
}

/** Of a JSON file that may have comments; empty when there is none. */
async function readSettings(files: Context['files'], path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await guardRead(path, () => files.read(path));
  if (text === undefined) return {};
  try {
    const settings = parseJsonSettings(text);
    if (settings === undefined) return {};
    if (isRecord(settings)) return { ...settings };
  } catch (error) {
    throw settingsInvalid(path, 'JSON', error);
  }
  throw settingsInvalid(path, 'JSON', 'the settings are not an object');
}
