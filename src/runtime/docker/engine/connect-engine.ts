import type { Http } from '../../../io/network/http.ts';
import type { Runner } from '../../../io/processes/runner.ts';
import { type DockerCli, dockerCli } from './docker-cli.ts';
import { type EndpointOptions, resolveEndpoint, socketPath } from './endpoint.ts';
import { engineApi } from './engine-api.ts';
import { engineCli } from './engine-cli.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineAddress } from './engine-error.ts';

export interface EngineOptions extends EndpointOptions {
  readonly runner: Runner;
  readonly http: Http;
  readonly signal: AbortSignal;
}

export interface ConnectedEngine extends EngineAddress {
  readonly engine: EngineClient;
}

/** Only determines which engine to use; does not contact it. */
export async function connectEngine(
  options: EngineOptions,
  docker: DockerCli = dockerCli(options),
): Promise<ConnectedEngine> {
  const { http, signal, platform } = options;
  const endpoint = await resolveEndpoint(options);
  const address = { endpoint, platform };
  const socket = socketPath(endpoint);
  const engine =
    socket === undefined ? engineCli(docker, address) : engineApi({ ...address, http, signal, socketPath: socket });
  return { ...address, engine };
}

/** The same options for the engine at `endpoint` instead of the one that the environment selects. */
export function onEndpoint<Options extends EngineOptions>(options: Options, endpoint: string): Options {
  return { ...options, env: { ...options.env, DOCKER_HOST: endpoint, DOCKER_CONTEXT: undefined } };
}
