import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Files } from '../../../io/files/files.ts';
import { CliError } from '../../../model/errors.ts';
import { jsonValue } from '../../../text/json.ts';

export interface EndpointOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly files: Pick<Files, 'read'>;
}

const Config = z.object({ currentContext: z.optional(z.string()) });
const Meta = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/** The engine's address as the docker CLI finds it: DOCKER_HOST, DOCKER_CONTEXT, the context in use, the default. */
export async function resolveEndpoint(options: EndpointOptions): Promise<string> {
  const { env } = options;
  if (env.DOCKER_HOST) return env.DOCKER_HOST.includes('://') ? env.DOCKER_HOST : `tcp://${env.DOCKER_HOST}`;
  const folder = env.DOCKER_CONFIG || join(options.home, '.docker');
  const context = env.DOCKER_CONTEXT || (await currentContext(options.files, folder));
  if (!context || context === 'default') return defaultEndpoint(options.platform);
  return contextEndpoint(options.files, folder, context);
}

/** The path of a unix endpoint's socket; undefined when only the docker CLI can reach the engine. */
export function socketPath(endpoint: string): string | undefined {
  return endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : undefined;
}

function defaultEndpoint(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}

// The docker CLI also ignores a broken config.json, with a warning.
async function currentContext(files: Pick<Files, 'read'>, folder: string): Promise<string | undefined> {
  const config = Config.safeParse(await readJson(files, join(folder, 'config.json')));
  return config.success ? config.data.currentContext : undefined;
}

async function contextEndpoint(files: Pick<Files, 'read'>, folder: string, name: string): Promise<string> {
  // Node's crypto takes 9 ms to load, and most users have no context of their own.
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update(name).digest('hex');
  const meta = Meta.safeParse(await readJson(files, join(folder, 'contexts', 'meta', hash, 'meta.json')));
  if (meta.success && meta.data.Endpoints.docker.Host !== '') return meta.data.Endpoints.docker.Host;
  throw new CliError('docker_context_unknown', `Docker context "${name}" not found`, {
    hint: 'List the contexts: docker context ls',
    details: { context: name },
  });
}

async function readJson(files: Pick<Files, 'read'>, path: string): Promise<unknown> {
  const text = await files.read(path).catch(() => undefined);
  return text === undefined ? undefined : jsonValue(text);
}
