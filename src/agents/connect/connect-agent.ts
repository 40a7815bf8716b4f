import { dirname } from 'node:path';
import type { Context } from '../../context/context.ts';
import { CliError, systemCode } from '../../model/errors.ts';
import type { GatewayAccess } from '../agent.ts';
import { guardRead } from '../json-settings.ts';
import type { Connectable } from './connections.ts';
import { type PlannedFile, planFile, planRemoval, type SettingChange } from './plan-connection.ts';
import { type Receipt, readReceipt, removeReceipt, writeReceipt } from './receipt.ts';

type World = Pick<Context, 'env' | 'files' | 'home' | 'uid'>;

export interface Connecting {
  /** The project's folder of agents. */
  readonly folder: string;
  readonly access: GatewayAccess;
  /** Whether the gateway is the stack of the project. */
  readonly isOwnStack: boolean;
  readonly keyAlias: string;
}

/** The new content of the agent's files, and the receipt for it. Writes nothing. */
export async function planConnection(
  agent: Connectable,
  { folder, access, isOwnStack, keyAlias }: Connecting,
  world: World,
): Promise<{ readonly files: readonly PlannedFile[]; readonly receipt: Receipt }> {
  const known = await readReceipt(world.files, folder, agent.name);
  const files = await Promise.all(
    agent.files(access, world).map(async (file) => planFile(file, await readOwn(file.path, world), known)),
  );
  const receipt: Receipt = {
    schemaVersion: 1,
    agent: agent.name,
    gateway: access.root,
    isOwnStack,
    model: access.model,
    keyAlias,
    files: files.map((file) => file.receipt),
  };
  return { files, receipt };
}

/** Writes the receipt first, so that an interrupted command can be undone. */
export async function carryOut(
  folder: string,
  { files, receipt }: { readonly files: readonly PlannedFile[]; readonly receipt: Receipt },
  world: World,
): Promise<void> {
  await writeReceipt(world.files, folder, receipt);
  for (const { path, text, changes } of files) if (changes.length > 0) await write(path, text, world);
}

export interface Disconnected {
  readonly changes: readonly SettingChange[];
  readonly kept: readonly { readonly file: string; readonly setting: string }[];
  readonly keyAlias: string;
  readonly gateway: string;
  readonly isOwnStack: boolean;
}

/** Removes what is still as `connect` wrote it; undefined if the agent is not connected. */
export async function disconnect(name: string, folder: string, world: World): Promise<Disconnected | undefined> {
  const receipt = await readReceipt(world.files, folder, name);
  if (receipt === undefined) return undefined;
  const texts = await Promise.all(receipt.files.map(({ path }) => readOwn(path, world)));
  const removals = receipt.files.map((file, index) => {
    const text = texts[index];
    return { file, removal: text === undefined ? undefined : planRemoval(file, text) };
  });
  for (const { file, removal } of removals) {
    if (removal === undefined || removal.changes.length === 0) continue;
    if (removal.text === undefined) await world.files.remove(file.path);
    else await write(file.path, removal.text, world);
  }
  await removeReceipt(world.files, folder, name);
  return {
    changes: removals.flatMap(({ removal }) => removal?.changes ?? []),
    kept: removals.flatMap(({ file, removal }) =>
      (removal?.kept ?? []).map((setting) => ({ file: file.path, setting })),
    ),
    keyAlias: receipt.keyAlias,
    gateway: receipt.gateway,
    isOwnStack: receipt.isOwnStack,
  };
}

/** The text of a settings file, or undefined. Throws if it is a link or belongs to another user. */
function readOwn(path: string, { files, uid }: World): Promise<string | undefined> {
  return guardRead(path, async () => {
    if (await files.isLink(path)) throw notOurs(path, 'is a symbolic link');
    const owner = await files.owner(path);
    if (owner !== undefined && uid !== undefined && owner !== uid) throw notOurs(path, 'belongs to another user');
    return files.read(path);
  });
}

async function write(path: string, text: string, { files }: World): Promise<void> {
  const mode = (await files.mode(path)) ?? 0o600;
  try {
    await files.makeFolder(dirname(path));
    await files.write(path, text, mode & 0o700);
  } catch (error) {
    const why = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
    throw new CliError('state_unwritable', `${path} cannot be written (${why})`, {
      hint: `Check the permissions of ${dirname(path)}`,
      details: { path },
      cause: error,
    });
  }
}

function notOurs(path: string, why: string): CliError {
  return new CliError('agent_settings_invalid', `${path} ${why}, so it is not changed`, {
    hint: [
      'Replace it with a file of your own, then run the command again',
      'Or use the gateway without changing settings: agents-llm launch --list',
    ],
    details: { path },
  });
}
