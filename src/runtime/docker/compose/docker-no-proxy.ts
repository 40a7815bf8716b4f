import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { jsonValue } from '../../../text/json.ts';

export interface DockerNoProxyOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly files: Pick<Files, 'read'>;
  readonly endpoint: string;
}

type Proxies = Readonly<Record<string, { readonly noProxy?: unknown } | undefined>>;

/**
 * The `noProxy` of `proxies` in Docker's client configuration. Compose gives these settings to every container, but the value
 * in our Compose file replaces them.
 */
export async function dockerNoProxy({ env, home, files, endpoint }: DockerNoProxyOptions): Promise<string | undefined> {
  const path = join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json');
  const text = await files.read(path).catch(() => undefined);
  const { proxies } = (jsonValue(text ?? '') ?? {}) as { proxies?: Proxies | null };
  const noProxy = (proxies?.[endpoint] ?? proxies?.default)?.noProxy;
  return typeof noProxy === 'string' ? noProxy : undefined;
}
