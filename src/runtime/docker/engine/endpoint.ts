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
  const context = await usedContext(options);
  if (context === undefined) return defaultEndpoint(options.platform);
  return contextEndpoint(options.files, configFolder(options), context);
}

/** The name of the context in use; undefined for the default context. */
async function usedContext({ env, home, files }: EndpointOptions): Promise<string | undefined> {
  const context = env.DOCKER_CONTEXT || (await currentContext(files, configFolder({ env, home })));
  return context === 'default' ? undefined : context || undefined;
}

/** Where the docker CLI keeps the certificates of the context in use; undefined for the default context. */
export async function certificatesOfContext(options: EndpointOptions): Promise<string | undefined> {
  const context = await usedContext(options);
  return context && join(configFolder(options), 'contexts', 'tls', await hashOf(context), 'docker');
}

/** The path of an endpoint's socket or named pipe; undefined if only the docker CLI can reach the engine. */
export function socketPath(endpoint: string): string | undefined {
  if (endpoint.startsWith('npipe://')) return endpoint.slice('npipe://'.length).replaceAll('/', '\\');
  return endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : undefined;
}

const configFolder = ({ env, home }: Pick<EndpointOptions, 'env' | 'home'>) =>
  env.DOCKER_CONFIG || join(home, '.docker');

function defaultEndpoint(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}

// The docker CLI also ignores a broken config.json, with a warning.
async function currentContext(files: Pick<Files, 'read'>, folder: string): Promise<string | undefined> {
  const config = Config.safeParse(await readJson(files, join(folder, 'config.json')));
  return config.success ? config.data.currentContext : undefined;
}

async function contextEndpoint(files: Pick<Files, 'read'>, folder: string, name: string): Promise<string> {
  const meta = Meta.safeParse(await readJson(files, join(folder, 'contexts', 'meta', await hashOf(name), 'meta.json')));
  if (meta.success && meta.data.Endpoints.docker.Host !== '') return meta.data.Endpoints.docker.Host;
  throw new CliError('docker_context_unknown', `Docker context "${name}" not found`, {
    hint: 'List the contexts: docker context ls',
    details: { context: name },
  });
}

/** The name of a context's folders in the docker CLI's configuration. */
async function hashOf(context: string): Promise<string> {
  // Node's crypto takes 9 ms to load, and most users have no context of their own.
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(context).digest('hex');
}

async function readJson(files: Pick<Files, 'read'>, path: string): Promise<unknown> {
  const text = await files.read(path).catch(() => undefined);
  return text === undefined ? undefined : jsonValue(text);
}
