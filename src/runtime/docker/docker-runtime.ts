import type { ProjectPaths } from '../../model/paths.ts';
import type { ServiceState } from '../../model/service.ts';
import { DEFAULT_DATABASE_IMAGE, DEFAULT_IMAGE, type StackSpec } from '../../model/stack-spec.ts';
import { lazyDatabase } from '../lazy-database.ts';
import { memoryOfServices } from '../memory-of-services.ts';
import { containerHolder } from '../port-holder.ts';
import type { Machine } from '../responder.ts';
import type { Runtime } from '../runtime.ts';
import type { ComposeProject } from './compose/compose-argv.ts';
import type { ComposeStackOptions } from './compose/compose-stack.ts';
import { dataPlace, volumeOf } from './data-place.ts';
import type { ExternalDatabaseOptions } from './databases.ts';
import { dockerFacts } from './docker-facts.ts';
import { connectEngine } from './engine/connect-engine.ts';
import { containerName, serviceStates } from './engine/container.ts';
import { containerMemory } from './engine/container-memory.ts';
import { type DockerCli, dockerCli } from './engine/docker-cli.ts';
import type { EngineClient, EngineFilter } from './engine/engine-client.ts';
import { holderOnMachine } from './holder-on-machine.ts';
import { imagesOf } from './images-of.ts';
import { publishingContainer } from './publishing-container.ts';

export interface DockerRuntimeOptions {
  readonly machine: Machine;
  readonly project: string;
  readonly paths: ProjectPaths;
  readonly composeFile: string;
  /** The folder with the files that are layered on top of it. */
  readonly templates: string;
  readonly signal: AbortSignal;
}

interface Connection extends ComposeStackOptions {
  readonly engine: EngineClient;
}

const databases = () => import('./databases.ts');

/** What `status` does not need is loaded on demand, to keep starts fast. */
export function dockerRuntime(options: DockerRuntimeOptions): Runtime {
  const { machine, project, paths, signal } = options;
  const { env, clock, files } = machine;
  const docker = dockerCli({ ...machine, signal });
  const composeProject = { name: project, folder: paths.folder, files: [options.composeFile] };
  let connection: Promise<Connection> | undefined;
  const connect = () => (connection ??= openConnection(options, docker, composeProject, services));
  const ofProject: EngineFilter = { key: 'label', value: `com.docker.compose.project=${project}` };
  const containers = async () => (await connect()).engine.containers(ofProject);
  const services = async (): Promise<readonly ServiceState[]> => serviceStates(await containers());
  const networks = async () => (await connect()).engine.networks(ofProject);
  return {
    kind: 'docker',
    defaults: { image: DEFAULT_IMAGE, databaseImage: DEFAULT_DATABASE_IMAGE },
    words: { container: 'container', volume: 'volume' },
    facts: dockerFacts(docker, connect),
    endpoint: async () => (await connect()).endpoint,
    preflight: async () => {
      const { engine, endpoint } = await connect();
      const { preflight } = await import('./preflight.ts');
      return preflight(docker, engine, endpoint);
    },
    services,
    memory: (running) => memoryOfServices(running, (ids) => Promise.all(ids.map((id) => containerMemory(id, files)))),
    inventory: async () => inventory((await connect()).engine, project, ofProject),
    dataPlace: async () => dataPlace((await connect()).engine, project, ofProject),
    database: lazyDatabase(async () => (await databases()).stackDatabase({ docker, env, services, clock, signal })),
    external: externalOf({ docker, env, networks, clock, signal }),
    portHolder: async (port) => portHolder(port, await connect(), machine),
    prepare: async (spec, policy, progress) => {
      const { prepareImages } = await import('./prepare-images.ts');
      return prepareImages(spec, policy, { ...(await connect()), clock, signal, progress });
    },
    imageDigests: async (spec) => imageDigests((await connect()).engine, spec),
    imageVersion: async (image) => (await import('./image-version.ts')).imageVersion(image, docker),
    ...byCompose(options, composeProject, connect),
    causeOfRestart: async ({ id }) =>
      (await import('./cause-of-restart.ts')).causeOfRestart(id, { docker, clock, containers }),
    reachHosts: async (urls) =>
      (await import('./reach-from-container.ts')).reachFromContainer(urls, { docker, services, files }),
    async *logs(query, stop) {
      const { containerLogs } = await import('./engine/container-logs.ts');
      yield* containerLogs(query, { ...(await connect()), services, clock, signal: AbortSignal.any([signal, stop]) });
    },
  };
}

type ByCompose = 'start' | 'revision' | 'plan' | 'stop' | 'remove';

function byCompose(
  { machine: { files }, paths, templates, signal }: DockerRuntimeOptions,
  project: ComposeProject,
  connect: () => Promise<Connection>,
): Pick<Runtime, ByCompose> {
  const compose = () => import('./compose/compose-stack.ts');
  const layers = { project, templates };
  return {
    start: async (spec, { signal: stop, ...which }) =>
      (await compose()).startStack(spec, which, AbortSignal.any([signal, stop]), await connect()),
    async revision(spec) {
      const [{ composeRevision }, { layeredProject }] = await Promise.all([
        compose(),
        import('./compose/layered-project.ts'),
      ]);
      return composeRevision(layeredProject(spec, layers), { files, paths }, spec);
    },
    plan: async (spec, policy) => (await import('./docker-plan.ts')).dockerPlan(spec, policy, paths, layers),
    stop: async (which) => (await compose()).stopStack(await connect(), which),
    remove: async ({ volumes }) => (await compose()).removeStack(volumes, await connect()),
  };
}

function externalOf(options: ExternalDatabaseOptions): NonNullable<Runtime['external']> {
  return {
    at: (url, image) => lazyDatabase(async () => (await databases()).externalDatabase(url, image, options)),
    migrationsOf: async (image) => (await databases()).migrationsOf(image, options.docker),
  };
}

/** Only determines which engine to use; does not contact it. */
async function openConnection(
  options: DockerRuntimeOptions,
  docker: DockerCli,
  project: ComposeProject,
  services: Runtime['services'],
): Promise<Connection> {
  const { machine, paths, templates, signal } = options;
  const { env, home, files } = machine;
  const engine = await connectEngine({ ...machine, signal }, docker);
  return { ...engine, docker, env, home, files, paths, project, templates, services };
}

/** With an engine on another machine, only its containers can hold the port. */
async function portHolder(port: number, { endpoint, engine }: Connection, machine: Machine) {
  if (/^(unix|npipe):/.test(endpoint)) return holderOnMachine(port, machine);
  const container = await publishingContainer(engine, port);
  return container && containerHolder(container);
}

async function inventory(engine: EngineClient, project: string, filter: EngineFilter) {
  const ownVolume = volumeOf(project);
  const [containers, labelled, networks, hasOwnVolume] = await Promise.all([
    engine.containers(filter),
    engine.volumes(filter),
    engine.networks(filter),
    engine.hasVolume(ownVolume),
  ]);
  // Compose deletes it by its name, even if it was created by hand and has no label.
  const volumes = new Set([...labelled, ...(hasOwnVolume ? [ownVolume] : [])]);
  return {
    containers: containers.map(containerName).sort(),
    volumes: [...volumes].sort(),
    networks: [...networks].sort(),
  };
}

async function imageDigests(engine: EngineClient, spec: StackSpec) {
  const lookups = imagesOf(spec).map(async (image) => [image, await engine.imageDigest(image)] as const);
  const known = (await Promise.all(lookups)).filter((pair): pair is readonly [string, string] => Boolean(pair[1]));
  return Object.fromEntries(known);
}
