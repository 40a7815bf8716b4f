import { join } from 'node:path';
import { certificatesOfContext, type EndpointOptions } from './endpoint.ts';

export interface UnprotectedEngine {
  readonly seen: string;
  readonly fix: string;
}

/** An engine on another machine, reached over TCP. */
const REMOTE = /^(?:tcp|http):\/\/(?!(?:localhost|127(?:\.\d+){3}|\[::1\])(?::|\/|$))(\[[^\]]*\]|[^:/]*)/i;

/** Reports an engine on another machine that is reached over TCP without TLS, so that others on the network can use it. */
export async function unprotectedEngine(
  options: EndpointOptions,
  endpoint: string,
): Promise<UnprotectedEngine | undefined> {
  const host = REMOTE.exec(endpoint)?.[1];
  if (host === undefined || (await hasTls(options))) return undefined;
  return {
    seen: `The connection to the Docker engine at ${endpoint} is not encrypted, so others on the network can read secrets and control the engine`,
    fix: `Connect by SSH: docker context create remote --docker host=ssh://USER@${host}`,
  };
}

async function hasTls(options: EndpointOptions): Promise<boolean> {
  const { env, files } = options;
  if (env.DOCKER_HOST) return Boolean(env.DOCKER_TLS_VERIFY || env.DOCKER_TLS);
  const folder = await certificatesOfContext(options);
  if (folder === undefined) return false;
  const certificates = ['ca.pem', 'cert.pem'].map((name) => files.read(join(folder, name)).catch(() => undefined));
  return (await Promise.all(certificates)).some((pem) => pem !== undefined);
}
