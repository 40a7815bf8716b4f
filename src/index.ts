import { hostname } from 'node:os';
import { type LibraryContext, libraryContext } from './context/context.ts';
import { remoteHttp } from './io/network/remote-http.ts';
import { createAdminClient } from './litellm/admin/client.ts';
import { type LocalStack, parseBaseUrl, peerFor, resolveTarget, warningsOf } from './litellm/admin/target.ts';
import { waitForProxy } from './litellm/admin/wait-for-proxy.ts';
import { type AutoProvisionContext, type KeyLockOf, provisionForProcess } from './litellm/keys/auto-provision.ts';
import type { AutoProvisioned, AutoProvisionOptions, KeyChange } from './litellm/keys/auto-provisioned.ts';
import { keptKeys, keyLockPath } from './litellm/keys/kept-keys.ts';
import { provisionKey } from './litellm/keys/provision-key.ts';
import { CliError } from './model/errors.ts';
import { type HintPlace, withTypedHint } from './model/hint-text.ts';
import { resolveSettings } from './model/settings.ts';
import { DEFAULT_PROJECT, proxyUrl } from './model/stack-spec.ts';
import { keyLock } from './project/key-lock.ts';
import { requireOwnHome } from './project/project-folder.ts';
import { readSecrets } from './project/secrets.ts';
import { readState } from './project/state.ts';
import { ownPeer } from './runtime/own-peer.ts';

export type { AutoProvisioned, AutoProvisionOptions, KeyChange } from './litellm/keys/auto-provisioned.ts';
export { CliError, type ErrorCode } from './model/errors.ts';

export interface ProvisionOptions {
  /** Address of LiteLLM, with or without `/v1`. Default: LITELLM_BASE_URL, or else the local stack. */
  readonly baseUrl?: string;
  /** Default: LITELLM_MASTER_KEY, or else the key of the local stack. */
  readonly masterKey?: string;
  /** Name of the key. Default: `agents-service`. */
  readonly alias?: string;
  /** Models that the key may call. Default: unchanged, or `['gpt-5']` for a new key. */
  readonly models?: readonly string[];
  /** Lifetime: a number and s, m, h, d, w or mo. Default: unchanged, or `30d` for a new key. */
  readonly duration?: string;
  /** US dollars. */
  readonly maxBudget?: number;
  /** Requests per minute. */
  readonly rpmLimit?: number;
  /** Tokens per minute. */
  readonly tpmLimit?: number;
  readonly teamId?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Replace the key: the old one stops working. */
  readonly rotate?: boolean;
  /** With `rotate`: also replace a key that someone else created. */
  readonly force?: boolean;
  readonly allowMissingModels?: boolean;
  /** Milliseconds to wait for a gateway that is still starting. Default: 0. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

export interface VirtualKey {
  readonly alias: string;
  /** The key itself, `sk-…`. */
  readonly key: string;
  /** For clients of OpenAI: it ends in `/v1`. */
  readonly baseUrl: string;
  readonly change: KeyChange;
  /** Null when it never expires. */
  readonly expires: Date | null;
  readonly models: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Finds or creates a virtual key, as `agents-llm provision-key` does: repeating it returns the same key. The key is saved,
 * readable by its owner alone, in the state folder. Throws `CliError`; its `code` says why (`key_refused`,
 * `models_missing`, `proxy_unreachable`, …).
 * @example
 * const { key, baseUrl } = await provisionVirtualKey({ models: ['gpt-5'], maxBudget: 5 });
 * const client = new OpenAI({ apiKey: key, baseURL: baseUrl });
 */
export async function provisionVirtualKey(options: ProvisionOptions = {}): Promise<VirtualKey> {
  const context = libraryContext();
  return provisionIn(context, options).catch((error: unknown) => {
    throw withOwnHint(error, context);
  });
}

async function provisionIn(context: LibraryContext, options: ProvisionOptions): Promise<VirtualKey> {
  const { paths } = resolveSettings({}, context.env, context.home, context.cwd);
  const env: LibraryContext['env'] = {
    ...context.env,
    ...(options.masterKey === undefined ? {} : { LITELLM_MASTER_KEY: options.masterKey }),
  };
  const { baseUrl, waitMs = 0 } = options;
  if (baseUrl !== undefined) parseBaseUrl(baseUrl, 'baseUrl');
  const isNamed = Boolean((baseUrl ?? env.LITELLM_BASE_URL) && env.LITELLM_MASTER_KEY);
  const local = await localStack(context, env, isNamed);
  const named = resolveTarget({ baseUrl, env, local: isNamed ? undefined : local, startCommand: 'agents-llm up' });
  const target = isNamed ? { ...named, peer: peerFor(named, local) } : named;
  const { clock, files } = context;
  const signal = options.signal ?? new AbortController().signal;
  const client = createAdminClient({ http: remoteHttp(env, context.http), clock, target, signal });
  if (waitMs > 0) await waitForProxy(client, waitMs, signal);
  const place = { url: target.url, own: target.startCommand !== null };
  const kept = keptKeys(files, paths.keys, place);
  const exclusively = keyLock(context, keyLockPath(paths.keys, place), signal);
  const { alias = 'agents-service' } = options;
  const { duration: _, ...made } = await provisionKey(
    { client, kept, host: hostname(), exclusively },
    { ...options, alias },
  );
  const warnings = [...warningsOf(target), ...made.warnings];
  return { ...made, warnings, key: made.key.reveal(), expires: made.expires === null ? null : new Date(made.expires) };
}

/**
 * For the start of a server: if `OPENAI_API_KEY` is not set but `LITELLM_BASE_URL` and `LITELLM_MASTER_KEY` are, creates a
 * virtual key from `LITELLM_MODELS`, `LITELLM_KEY_DURATION`, `LITELLM_KEY_ALIAS`, `LITELLM_MAX_BUDGET`, `LITELLM_RPM_LIMIT`,
 * `LITELLM_TPM_LIMIT` and `LITELLM_TEAM_ID`, and sets `OPENAI_API_KEY` and, unless given, `OPENAI_BASE_URL`. Otherwise it
 * does nothing, so that OpenAI can still be used directly. Throws `CliError`.
 * @example
 * const result = await autoProvision();
 * if (result.provisioned) setInterval(() => result.renew(), 24 * 3600 * 1000).unref();
 */
export function autoProvision(options: AutoProvisionOptions = {}): Promise<AutoProvisioned> {
  const context = libraryContext();
  const keyLockOf: KeyLockOf = (pathOf, signal) => keyLock(context, pathOf, signal);
  const peer: AutoProvisionContext['peer'] = async (env, target) =>
    peerFor(target, await localStack(context, env, true));
  return provisionForProcess({ ...context, keyLockOf, peer }, options).catch((error: unknown) => {
    throw withOwnHint(error, context);
  });
}

/** Adds the project to the commands in a hint, in the words of the platform. */
function withOwnHint(error: unknown, place: HintPlace): unknown {
  const project = place.env.AGENTS_LLM_PROJECT_NAME || DEFAULT_PROJECT;
  return error instanceof CliError ? withTypedHint(error, project, place) : error;
}

/** A broken local stack must not prevent the use of a LiteLLM that was named. */
async function localStack(
  context: LibraryContext,
  env: LibraryContext['env'],
  isNamed: boolean,
): Promise<LocalStack | undefined> {
  try {
    const { project, paths } = resolveSettings({}, env, context.home, context.cwd);
    if (!isNamed) await requireOwnHome(context.files, paths);
    const [state, secrets] = await Promise.all([readState(context.files, paths), readSecrets(context.files, paths)]);
    if (!state || !secrets) return undefined;
    const { runtime: kind, bind, port, engine } = state;
    const peer = ownPeer({ kind, project, paths, bind, port, endpoint: engine.endpoint }, { ...context, env });
    return { url: proxyUrl(state), masterKey: secrets.masterKey, secretsFile: paths.secrets, peer };
  } catch (error) {
    if (isNamed) return undefined;
    throw error;
  }
}
