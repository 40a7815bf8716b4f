import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { jsonValue } from '../../../text/json.ts';

export interface DockerProxiesOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly files: Pick<Files, 'read'>;
  readonly endpoint: string;
}

type Proxies = Readonly<Record<string, { readonly noProxy?: unknown } | undefined>>;

/**
 * The hosts without a proxy that `proxies` in Docker's client configuration names. Compose gives those settings to every
 * container, but a value of our own in the Compose file replaces them.
 */
export async function dockerNoProxy({ env, home, files, endpoint }: DockerProxiesOptions): Promise<string | undefined> {
  const path = join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json');
  const text = await files.read(path).catch(() => undefined);
  const { proxies } = (jsonValue(text ?? '') ?? {}) as { proxies?: Proxies | null };
  const noProxy = (proxies?.[endpoint] ?? proxies?.default)?.noProxy;
  return typeof noProxy === 'string' ? noProxy : undefined;
}
