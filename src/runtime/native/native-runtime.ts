import { join } from 'node:path';
import type { Clock } from '../../io/clock.ts';
import type { Files } from '../../io/files/files.ts';
import type { Http } from '../../io/network/http.ts';
import type { Ports } from '../../io/network/ports.ts';
import type { Daemons } from '../../io/processes/daemons.ts';
import type { Processes } from '../../io/processes/processes.ts';
import type { Runner } from '../../io/processes/runner.ts';
import type { ProjectPaths } from '../../model/paths.ts';
import { SERVICES, type ServiceState } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { holderOnMachine } from '../docker/holder-on-machine.ts';
import { memoryOfServices } from '../memory-of-services.ts';
import { postgresDatabase } from '../postgres-tools.ts';
import type { Runtime } from '../runtime.ts';
import { nativePaths } from './folders/native-paths.ts';
import { findInstalled, type InstallOptions, install } from './install/install.ts';
import type { Environment } from './install/install-steps.ts';
import { type LockedRelease, lockedRelease, NATIVE_DEFAULTS } from './install/locked-release.ts';
import { nativeFacts } from './native-facts.ts';
import { nativePlan } from './native-plan.ts';
import { nativePreflight, requireInstalled } from './native-preflight.ts';
import { nativePostgresTools } from './postgres/native-database.ts';
import { removeNativeStack } from './remove-stack.ts';
import { startNativeStack } from './start-stack.ts';
import { serviceLogs } from './supervisor/service-log.ts';
import { readRecord } from './supervisor/service-record.ts';
import { serviceStates } from './supervisor/service-states.ts';
import { stopService } from './supervisor/stop-service.ts';

export interface NativeRuntimeOptions {
  /** The user's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Whether this Node was built for musl, which PyPI's PostgreSQL is not. */
  readonly isMusl: () => boolean;
  readonly uid: number | undefined;
  readonly paths: ProjectPaths;
  /** Our own programs, as they come with the package. */
  readonly programs: string;
  /** Folders with lock files. */
  readonly locks: readonly string[];
  readonly python: string | undefined;
  /** Of a Python: whether those who run it can. */
  readonly isUsable?: InstallOptions['isUsable'];
  readonly node: string;
  readonly files: Files;
  readonly runner: Runner;
  /** For the Docker engine, where one of its containers is in the way. */
  readonly http: Http;
  readonly processes: Processes;
  readonly daemons: Daemons;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly exclusive: InstallOptions['exclusive'];
}

/** LiteLLM from PyPI in a Python environment and PostgreSQL from a wheel, each under a supervisor of its own. */
export function nativeRuntime(given: NativeRuntimeOptions): Runtime {
  const paths = nativePaths(given.paths, given.uid);
  const { files, processes, clock, signal } = given;
  const installOptions: InstallOptions = { ...given, paths };
  const services = () => serviceStates({ folder: paths.folder, data: paths.data, files, processes });
  const release = (image: string): Promise<LockedRelease> => lockedRelease(image, given.locks, files);
  const environment = async (
    image: string,
    { isUsable }: Pick<InstallOptions, 'isUsable'> = {},
  ): Promise<Environment> =>
    requireInstalled(image, await findInstalled(await release(image), { paths, files, isUsable }));
  const usedImage = async () => (await proxyImage(paths.folder, files)) ?? NATIVE_DEFAULTS.image;
  const stopOptions = { folder: paths.folder, files, processes, clock, signal };
  const stop: Runtime['stop'] = async (wanted = SERVICES) => {
    for (const service of [...SERVICES].reverse()) {
      if (wanted.includes(service)) await stopService(service, stopOptions);
    }
  };
  return {
    kind: 'native',
    defaults: NATIVE_DEFAULTS,
    words: { container: 'process', volume: 'folder' },
    facts: nativeFacts({
      ...given,
      data: paths.data,
      installed: async () => findInstalled(await release(await usedImage()), installOptions),
    }),
    endpoint: async () => 'native',
    preflight: () =>
      nativePreflight(given, async () =>
        Boolean(await findInstalled(await release(NATIVE_DEFAULTS.image), installOptions)),
      ),
    services,
    memory: (found) => memoryOfServices(found, (ids) => processes.groupMemory(ids.map(Number))),
    inventory: () => inventory(paths, files),
    dataPlace: () => dataPlace(paths.data, files, services),
    database: postgresDatabase(
      given,
      nativePostgresTools({
        ...given,
        data: paths.data,
        services,
        environment: async () => environment(await usedImage()),
      }),
    ),
    portHolder: (port) => holderOnMachine(port, given),
    imageDigests: async ({ image }) => ({ [image]: `sha256:${(await release(image)).sha256}` }),
    imageVersion: async (image) => (await release(image)).version,
    prepare: async (spec, policy, progress) => {
      const locked = await release(spec.image);
      const found = await findInstalled(locked, installOptions);
      if (policy === 'never') requireInstalled(spec.image, found);
      else if (!found) await install(locked, progress, installOptions);
    },
    start: async (spec, options) =>
      startNativeStack(spec, options, {
        ...given,
        paths,
        secretsFile: given.paths.secrets,
        services,
        stopOptions,
        environment: await environment(spec.image, installOptions),
      }),
    plan: (spec) => nativePlan(spec, paths, given.locks),
    stop,
    remove: async ({ volumes }) => {
      await stop();
      await removeNativeStack(paths, volumes, files);
    },
    logs: (query, stopLogs) =>
      serviceLogs(query, {
        ...given,
        folder: paths.logs,
        services,
        signal: AbortSignal.any([signal, stopLogs]),
      }),
  };
}

async function inventory({ folder, data }: ReturnType<typeof nativePaths>, files: Files) {
  const records = await Promise.all(SERVICES.map((service) => readRecord(files, folder, service)));
  const hasData = (await files.owner(data)) !== undefined;
  return {
    containers: SERVICES.filter((_, i) => records[i] !== undefined),
    volumes: hasData ? [data] : [],
    networks: [],
  };
}

async function dataPlace(data: string, files: Files, services: () => Promise<readonly ServiceState[]>) {
  const exists = (await files.owner(join(data, 'PG_VERSION'))) !== undefined;
  const database = (await services()).find(({ service }) => service === 'litellm-db');
  // A folder can be replaced while nothing runs on it, unlike a volume.
  return { volume: exists ? data : null, mounted: database?.status === 'running' ? data : null, sharedWith: [] };
}

/** The release whose tools fit what runs. */
async function proxyImage(folder: string, files: Files): Promise<StackSpec['image'] | undefined> {
  return (await readRecord(files, folder, 'litellm'))?.image;
}
