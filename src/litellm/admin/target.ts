import type { PeerCheck } from '../../io/network/connection.ts';
import { isLoopback } from '../../io/network/remote-http.ts';
import { CliError } from '../../model/errors.ts';
import { Secret } from '../../model/secret.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The LiteLLM to configure. */
export interface AdminTarget {
  /** Without a trailing slash and without `/v1`. */
  readonly url: string;
  readonly masterKey: Secret;
  /** Where the master key comes from, to complete "the master key from …". */
  readonly keySource: string;
  /** The command that starts it; null if it is not the project's own stack. */
  readonly startCommand: string | null;
  /** Makes sure that requests only reach the gateway of the project's own stack; null for any other LiteLLM. */
  readonly peer: PeerCheck | null;
}

/** The stack of this project, if it exists. */
export interface LocalStack {
  readonly url: string;
  readonly masterKey: Secret;
  readonly secretsFile: string;
  readonly peer: PeerCheck;
}

export interface TargetSources {
  /** `--base-url`. */
  readonly baseUrl?: string | undefined;
  readonly env: Env;
  readonly local: LocalStack | undefined;
  /** The command that creates and starts the local stack. */
  readonly startCommand: string;
}

/** `--base-url` wins over LITELLM_BASE_URL, which wins over the local stack. LITELLM_MASTER_KEY wins over the local stack's key. */
export function resolveTarget({ baseUrl, env, local, startCommand }: TargetSources): AdminTarget {
  const given = baseUrl ?? (env.LITELLM_BASE_URL || undefined);
  const url =
    given === undefined ? undefined : parseBaseUrl(given, baseUrl === undefined ? 'LITELLM_BASE_URL' : '--base-url');
  const own = local !== undefined && (url === undefined || url === local.url);
  if (url === undefined && !local) {
    throw new CliError('not_running', 'No stack exists yet', {
      hint: `Create it: ${startCommand}\nOr use another LiteLLM: set LITELLM_BASE_URL and LITELLM_MASTER_KEY`,
    });
  }
  const shared = { url: url ?? local?.url ?? '', startCommand: own ? startCommand : null };
  if (env.LITELLM_MASTER_KEY) {
    const masterKey = parseMasterKey(env.LITELLM_MASTER_KEY);
    const peer = url === undefined ? (local?.peer ?? null) : peerFor({ url, masterKey }, local);
    return { ...shared, masterKey, keySource: 'LITELLM_MASTER_KEY', peer };
  }
  if (own) return { ...shared, masterKey: local.masterKey, keySource: local.secretsFile, peer: local.peer };
  throw new CliError('usage', `No master key given for ${shared.url}`, { hint: 'Set LITELLM_MASTER_KEY' });
}

/** The local stack's check, if address and key are those of the local stack; null if the user names another. */
export function peerFor(
  { url, masterKey }: Pick<AdminTarget, 'url' | 'masterKey'>,
  local: LocalStack | undefined,
): PeerCheck | null {
  if (!local || !isSameAddress(url, local.url)) return null;
  return masterKey.reveal() === local.masterKey.reveal() ? local.peer : null;
}

function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  if (a.protocol !== b.protocol || a.port !== b.port) return false;
  return a.hostname === b.hostname || (isLoopback(one) && isLoopback(other));
}

/** Origin and path without `/v1`, which OpenAI clients add. */
export function parseBaseUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new CliError('usage', `${source} is not a valid address of a LiteLLM`, {
      hint: 'Use an address such as http://127.0.0.1:4000, without user, query or fragment',
    });
  }
  return (url.origin + url.pathname).replace(/(?<!\/)\/+$/, '').replace(/\/v1$/, '');
}

/** The warning for an address to which keys are sent unencrypted; undefined if they are not. */
function plainTextWarning({ url, startCommand }: Pick<AdminTarget, 'url' | 'startCommand'>): string | undefined {
  const { protocol, host, hostname } = new URL(url);
  if (startCommand !== null || protocol === 'https:' || isLoopback(url) || hostname === 'host.docker.internal') return;
  return `The master key is sent to ${host} over plain HTTP, where others can read it. Use https://${host}`;
}

/** The warnings about a target. */
export function warningsOf(target: Pick<AdminTarget, 'url' | 'startCommand'>): readonly string[] {
  const warning = plainTextWarning(target);
  return warning === undefined ? [] : [warning];
}

function parseMasterKey(text: string): Secret {
  if (/^[\x21-\x7e]+$/.test(text)) return new Secret(text);
  throw new CliError('usage', 'LITELLM_MASTER_KEY contains a space, a newline or a character that no key has', {
    hint: 'Set it again without quotes or newlines',
  });
}
