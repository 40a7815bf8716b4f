import { createHash } from 'node:crypto';
import type { Files } from '../../../io/files/files.ts';
import type { Command, RunResult } from '../../../io/processes/runner.ts';
import { AUTHORITY, environmentFiles, type GatewayVariable } from '../../../model/gateway-environment.ts';
import type { ProjectPaths } from '../../../model/paths.ts';
import { secretsMissing } from '../../../model/secrets-errors.ts';
import { REVERSE_PROXY, type ServiceName, type ServiceState } from '../../../model/service.ts';
import { type StackSpec, servicesOf } from '../../../model/stack-spec.ts';
import { gatewayVariables, writeGatewayFiles } from '../../gateway-variables.ts';
import { litellmFilesOf } from '../../litellm-files.ts';
import type { DockerCli } from '../engine/docker-cli.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { EngineAddress } from '../engine/engine-error.ts';
import { type ComposeProject, composeDown, composeStop } from './compose-argv.ts';
import { composeEnv, composeEnvWithoutFiles } from './compose-env.ts';
import { composeEnvironment, requireMountable } from './compose-environment.ts';
import { composeError, isAmbiguousNetwork, isRaced, unfinishedContainer } from './compose-error.ts';
import { composeSettings } from './compose-settings.ts';
import { dockerNoProxy } from './docker-no-proxy.ts';
import { currentProject, layeredProject, usesOurEntryPoint, withOurEntryPoint } from './layered-project.ts';
import { type StartedServices, upCommands } from './up-commands.ts';

export interface ComposeStackOptions extends EngineAddress {
  readonly docker: DockerCli;
  readonly engine: Pick<EngineClient, 'imageCommand'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly files: Files;
  readonly paths: ProjectPaths;
  readonly project: ComposeProject;
  /** The folder with the files that are layered on top of docker-compose.yml. */
  readonly templates: string;
  readonly services: () => Promise<readonly ServiceState[]>;
}

/** `stop` waits until its services have ended, and `down` also removes their data. */
const STOP_MS = 600_000;
const REMOVE_MS = 60_000;
/** How often a command is repeated after an obstacle was removed. */
const REPAIRS = 3;

export async function startStack(
  spec: StackSpec,
  services: StartedServices,
  signal: AbortSignal,
  options: ComposeStackOptions,
): Promise<void> {
  const { files, paths, docker, engine } = options;
  signal.throwIfAborted();
  const layers = layeredProject(spec, options);
  const secrets = await files.read(paths.secrets);
  if (secrets === undefined) throw secretsMissing(paths.secrets);
  const variables = await gatewayVariables(files, paths);
  const hasAuthority = trustsAuthorities(variables);
  const project = await settleEnvironment(
    hasAuthority ? withOurEntryPoint(layers, options) : layers,
    variables,
    options,
  );
  const litellmFiles = await litellmFilesOf(spec, files, paths);
  const command = usesOurEntryPoint(spec) || hasAuthority ? await engine.imageCommand(spec.image) : undefined;
  const [revision, noProxy] = await Promise.all([composeRevision(layers, options, spec), dockerNoProxy(options)]);
  const extras = { revision, command, litellmFiles, noProxy, hasAuthority };
  await files.write(paths.settings, composeSettings(spec, extras), 0o600);
  const env = composeEnv(options.env);
  if (!spec.tls) await removeReverseProxy(options, signal);
  for (const { args } of upCommands(paths, project, servicesOf(spec), services)) {
    // It waits for the database until the caller's signal aborts it.
    const run = () => docker(args, { env, signal, timeoutMs: null });
    let result = await run();
    for (let repairs = 0; repairs < REPAIRS && (await repair(result, repairs, signal, options)); repairs += 1)
      result = await run();
    if (result.exitCode !== 0) throw composeError(result, { ...options, action: 'up', spec, secrets });
  }
}

/**
 * Removes containers that an interrupted `up` left behind; the data is in the volume. True if another attempt may succeed,
 * which is also so if another Compose was running.
 */
async function repair(
  result: RunResult,
  repairs: number,
  signal: AbortSignal,
  options: ComposeStackOptions,
): Promise<boolean> {
  const { docker, project } = options;
  if (isAmbiguousNetwork(result)) {
    if (repairs > 0) return false;
    await runWithoutFiles('down', composeDown(await currentProject(options), { volumes: false }), options, signal);
    return true;
  }
  const container = unfinishedContainer(result, project.name);
  if (container !== undefined)
    return (await docker(['rm', '-f', container], { signal, timeoutMs: REMOVE_MS })).exitCode === 0;
  return isRaced(result, project.name);
}

const trustsAuthorities = (variables: readonly GatewayVariable[]) => variables.some(({ name }) => name === AUTHORITY);

/** Writes the file that gives the gateway the user's variables, and adds it to the layers. */
async function settleEnvironment(
  project: ComposeProject,
  variables: readonly GatewayVariable[],
  { files, paths, endpoint }: ComposeStackOptions,
): Promise<ComposeProject> {
  requireMountable(variables, endpoint);
  await writeGatewayFiles(files, paths.gatewayFiles, variables);
  const text = composeEnvironment(variables, paths.gatewayFiles);
  if (text === undefined) {
    await files.remove(paths.composeEnvironment);
    return project;
  }
  await files.write(paths.composeEnvironment, text, 0o600);
  return { ...project, files: [...project.files, paths.composeEnvironment] };
}

/**
 * Changes with the Compose files, LiteLLM's own configuration and the variables of the gateway, so that a gateway that was
 * started with others is recognised.
 */
export async function composeRevision(
  project: ComposeProject,
  { files, paths }: { readonly files: Pick<Files, 'read'>; readonly paths: ProjectPaths },
  { litellm, fastStart, memory }: Pick<StackSpec, 'litellm' | 'fastStart' | 'memory'>,
): Promise<string> {
  const variables = await gatewayVariables(files, paths);
  const environment = composeEnvironment(variables, paths.gatewayFiles);
  const layers = await Promise.all(project.files.map((path) => files.read(path)));
  const texts = environment === undefined ? layers : [...layers, environment, [...environmentFiles(variables)]];
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12);
  const revision = memory === undefined ? hash : `${hash}-${memory}`;
  if (!litellm) return revision;
  return `${revision}-${litellm.hash}${fastStart === false ? '-plain' : ''}`;
}

/** Removes a reverse proxy that is no longer wanted, because Compose would leave it running. */
async function removeReverseProxy({ docker, services }: ComposeStackOptions, signal: AbortSignal): Promise<void> {
  const reverseProxy = (await services()).find(({ service }) => service === REVERSE_PROXY);
  if (reverseProxy) await docker(['rm', '-f', reverseProxy.id], { signal, timeoutMs: REMOVE_MS });
}

export async function stopStack(options: ComposeStackOptions, services: readonly ServiceName[] = []): Promise<void> {
  return runWithoutFiles('stop', composeStop(await currentProject(options), services), options);
}

export async function removeStack(volumes: boolean, options: ComposeStackOptions): Promise<void> {
  return runWithoutFiles('down', composeDown(await currentProject(options), { volumes }), options);
}

async function runWithoutFiles(
  action: string,
  { args }: Command,
  options: ComposeStackOptions,
  signal?: AbortSignal,
): Promise<void> {
  const { docker, files, paths, project } = options;
  const run = () =>
    docker(args, { env: composeEnvWithoutFiles(options.env), timeoutMs: STOP_MS, ...(signal && { signal }) });
  let result = await run();
  for (let repairs = 0; repairs < REPAIRS && isRaced(result, project.name); repairs += 1) result = await run();
  if (result.exitCode === 0) return;
  const secrets = await files.read(paths.secrets).catch(() => undefined);
  throw composeError(result, { ...options, action, secrets });
}
