import { hostname } from 'node:os';
import type { Invocation, Operation, Task } from '../context/invocation.ts';
import { remoteHttp } from '../io/network/remote-http.ts';
import { commandLine } from '../model/settings.ts';
import { proxyUrl } from '../model/stack-spec.ts';
import { keyLock } from '../project/key-lock.ts';
import { allSecrets, readSecrets } from '../project/secrets.ts';
import { readState } from '../project/state.ts';
import { withLock } from '../project/with-lock.ts';
import type { Admin } from './admin/admin.ts';
import { type AdminClient, createAdminClient } from './admin/client.ts';
import { type LocalStack, resolveTarget, warningsOf } from './admin/target.ts';
import { keptKeys, keyLockPath } from './keys/kept-keys.ts';
import { peerOf } from './peer-of.ts';

export interface AdminFlags {
  readonly baseUrl?: string;
}

export async function openAdmin(
  invocation: Pick<Invocation, 'context' | 'settings' | 'redaction' | 'warn'>,
  flags: AdminFlags,
): Promise<Admin> {
  const { context, settings, redaction } = invocation;
  const target = resolveTarget({
    baseUrl: flags.baseUrl,
    env: context.env,
    local: await localStack(invocation, flags),
    startCommand: commandLine(settings.project, 'up'),
  });
  redaction.add([target.masterKey]);
  for (const warning of warningsOf(target)) invocation.warn(warning);
  const { clock, files, signal } = context;
  const place = { url: target.url, own: target.startCommand !== null };
  return {
    client: createAdminClient({ http: remoteHttp(context.env, context.http), clock, target, signal }),
    kept: keptKeys(files, settings.paths.keys, place),
    host: hostname(),
    exclusively: keyLock(context, keyLockPath(settings.paths.keys, place), signal),
  };
}

const LOCK_WAIT_MS = 120_000;

/**
 * Only one command at a time changes the project's own stack. Another LiteLLM has no such lock; there, `putAlias`
 * resolves concurrent creation.
 */
export function changing<Result>(
  invocation: Task,
  { target }: AdminClient,
  command: string,
  action: () => Promise<Result>,
): Promise<Result> {
  return target.startCommand === null ? action() : withLock(invocation, command, LOCK_WAIT_MS, action);
}

async function localStack(
  invocation: Pick<Operation, 'context' | 'settings' | 'redaction'>,
  { baseUrl }: AdminFlags,
): Promise<LocalStack | undefined> {
  const { context, settings, redaction } = invocation;
  const isNamed = Boolean((baseUrl ?? context.env.LITELLM_BASE_URL) && context.env.LITELLM_MASTER_KEY);
  try {
    const [state, secrets] = await Promise.all([
      readState(context.files, settings.paths),
      readSecrets(context.files, settings.paths),
    ]);
    if (!state || !secrets) return undefined;
    redaction.add(allSecrets(secrets));
    const peer = peerOf(invocation, { kind: state.runtime }, state, { endpoint: state.engine.endpoint });
    return { url: proxyUrl(state), masterKey: secrets.masterKey, secretsFile: settings.paths.secrets, peer };
  } catch (error) {
    // A broken local stack must not prevent the use of another LiteLLM.
    if (isNamed) return undefined;
    throw error;
  }
}
