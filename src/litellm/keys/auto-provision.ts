import { hostname } from 'node:os';
import type { Clock } from '../../io/clock.ts';
import type { Files } from '../../io/files/files.ts';
import type { PeerCheck } from '../../io/network/connection.ts';
import type { Http } from '../../io/network/http.ts';
import { remoteHttp } from '../../io/network/remote-http.ts';
import { processPlace } from '../../io/processes/process-place.ts';
import type { Processes } from '../../io/processes/processes.ts';
import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import { resolveSettings } from '../../model/settings.ts';
import type { Admin, Exclusively } from '../admin/admin.ts';
import { type AdminClient, createAdminClient } from '../admin/client.ts';
import { findKeys, keyHash, updateKey } from '../admin/keys.ts';
import { type AdminTarget, resolveTarget, warningsOf } from '../admin/target.ts';
import { waitForProxy } from '../admin/wait-for-proxy.ts';
import type { AutoProvisioned, AutoProvisionOptions } from './auto-provisioned.ts';
import { environmentWish } from './environment-wish.ts';
import { type KeptKeys, keptKeys, keyLockPath } from './kept-keys.ts';
import type { KeyWish, ProvisionedKey } from './key-wish.ts';
import { provisionKey } from './provision-key.ts';
import { markMetadata, removeStaleKeys } from './stale-keys.ts';

/** What it uses of the calling process. */
export interface AutoProvisionContext {
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  readonly home: string;
  readonly cwd: string;
  readonly clock: Clock;
  readonly files: Files;
  readonly http: Http;
  readonly processes: Processes;
  readonly keyLockOf: KeyLockOf;
  /** The peer check of the local stack, if the target is the local stack. */
  readonly peer: (
    env: Record<string, string | undefined>,
    target: Pick<AdminTarget, 'url' | 'masterKey'>,
  ) => Promise<PeerCheck | null>;
}

/** Creates the key lock, given the path of the lock file for an alias. */
export type KeyLockOf = (pathOf: (alias: string) => string, signal: AbortSignal) => Exclusively;

/** Implements the library's `autoProvision`. */
export async function provisionForProcess(
  context: AutoProvisionContext,
  options: AutoProvisionOptions,
): Promise<AutoProvisioned> {
  const env = options.env ?? context.env;
  const reason = reasonToDoNothing(env);
  if (reason !== undefined) return { provisioned: false, reason };
  const wish = environmentWish(env, `agents-${context.pid}`);
  const { waitMs = 60_000, signal = new AbortController().signal } = options;
  const named = resolveTarget({ env, local: undefined, startCommand: 'agents-llm up' });
  const target = { ...named, peer: await context.peer(env, named) };
  const client = createAdminClient({ http: remoteHttp(env, context.http), clock: context.clock, target, signal });
  await waitForProxy(client, waitMs, signal);
  const { made, removed } = await provision(client, wish, env, { ...context, signal });
  env.OPENAI_API_KEY = made.key.reveal();
  env.OPENAI_BASE_URL ||= made.baseUrl;
  return {
    provisioned: true,
    alias: made.alias,
    baseUrl: env.OPENAI_BASE_URL,
    change: made.change,
    expires: made.expires === null ? null : new Date(made.expires),
    removed,
    warnings: [...warningsOf(client.target), ...made.warnings],
    renew: () => renew(client, made),
  };
}

function reasonToDoNothing(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.OPENAI_API_KEY) return 'OPENAI_API_KEY is set';
  const missing = ['LITELLM_BASE_URL', 'LITELLM_MASTER_KEY'].find((name) => !env[name]);
  return missing && `${missing} is not set`;
}

/** Without LITELLM_KEY_ALIAS the key belongs to this process only; with it, the key is saved and shared. */
async function provision(
  client: AdminClient,
  wish: KeyWish,
  env: Record<string, string | undefined>,
  context: AutoProvisionContext & { readonly signal: AbortSignal },
) {
  const host = hostname();
  const mark = {
    host,
    place: await processPlace(),
    pid: context.pid,
    started: (await context.processes.identity(context.pid)) ?? '',
  };
  const removed = await removeStaleKeys(client, mark, context.processes);
  if (env.LITELLM_KEY_ALIAS) {
    const { paths } = resolveSettings({}, env, context.home, context.cwd);
    const place = { url: client.target.url, own: false };
    const kept = keptKeys(context.files, paths.keys, place);
    const exclusively = context.keyLockOf(keyLockPath(paths.keys, place), context.signal);
    return { made: await provisionKey({ client, kept, host, exclusively }, wish), removed };
  }
  const admin: Admin = { client, kept: inMemory(client.target.url), host, exclusively: unlocked };
  const own = { ...wish, metadata: markMetadata(mark), exact: true };
  try {
    return { made: await provisionKey(admin, own), removed };
  } catch (error) {
    if (!(error instanceof CliError) || !['key_not_ours', 'key_lost'].includes(error.code)) throw error;
    // The name may be taken, because the process id is 1 in every container.
    const alias = `${wish.alias}-${host}-${context.clock.now().toString(36)}`;
    return { made: await provisionKey(admin, { ...own, alias }), removed };
  }
}

/** Needs no lock, because the name contains the process id. */
const unlocked: Exclusively = (_, action) => action();

const memory = new Map<string, Secret>();

function inMemory(url: string): KeptKeys {
  const nameOf = (alias: string) => `${url}\n${alias}`;
  return {
    read: async (alias) => memory.get(nameOf(alias)),
    write: async (alias, key) => void memory.set(nameOf(alias), key),
    remove: async (alias) => void memory.delete(nameOf(alias)),
  };
}

async function renew(client: AdminClient, { alias, key, duration }: ProvisionedKey): Promise<Date | null> {
  await updateKey(client, keyHash(key), { duration });
  const row = (await findKeys(client, alias)).find(({ token }) => token === keyHash(key));
  return row?.expires ? new Date(row.expires) : null;
}
