import { join } from 'node:path';
import { DATABASE, SERVICES } from '../../model/service.ts';
import { holderOnMachine } from '../docker/holder-on-machine.ts';
import { gatewayVariables } from '../gateway-variables.ts';
import { memoryOfServices } from '../memory-of-services.ts';
import { postgresDatabase } from '../postgres-tools.ts';
import type { DataPlace, Inventory, Runtime } from '../runtime.ts';
import { install } from './install/install.ts';
import { NATIVE_DEFAULTS } from './install/locked-release.ts';
import { nativeFacts } from './native-facts.ts';
import { nativePlan } from './native-plan.ts';
import { nativePreflight, requireInstalled } from './native-preflight.ts';
import { nativeRevision } from './native-services.ts';
import { type NativeRuntimeOptions, type NativeStack, nativeStack } from './native-stack.ts';
import { nativePostgresTools } from './postgres/native-database.ts';
import { removeNativeStack } from './remove-stack.ts';
import { startNativeStack } from './start-stack.ts';
import { serviceLogs } from './supervisor/service-log.ts';
import { readRecord } from './supervisor/service-record.ts';
import { stopService } from './supervisor/stop-service.ts';

/** LiteLLM from PyPI in a Python environment and PostgreSQL from a wheel, each under a supervisor of its own. */
export function nativeRuntime(options: NativeRuntimeOptions): Runtime {
  const stack = nativeStack(options);
  return {
    kind: 'native',
    defaults: NATIVE_DEFAULTS,
    words: { container: 'process', volume: 'folder' },
    endpoint: async () => 'native',
    portHolder: (port) => holderOnMachine(port, stack.given),
    revision: async (spec) => nativeRevision(spec, await gatewayVariables(options.machine.files, options.paths)),
    ...installation(stack),
    ...observation(stack),
    ...control(stack),
  };
}

type Installation = 'facts' | 'preflight' | 'imageDigests' | 'imageVersion' | 'prepare' | 'plan';

function installation(stack: NativeStack): Pick<Runtime, Installation> {
  const { given, paths, installOptions, release, installed } = stack;
  return {
    facts: nativeFacts({
      ...given,
      data: paths.data,
      installed: async () => installed(await stack.usedImage()),
    }),
    preflight: () => nativePreflight(given, async () => Boolean(await installed(NATIVE_DEFAULTS.image))),
    imageDigests: async ({ image }) => ({ [image]: `sha256:${(await release(image)).sha256}` }),
    imageVersion: async (image) => (await release(image)).version,
    async prepare({ image }, policy, progress) {
      const found = await installed(image);
      if (policy === 'never') requireInstalled(image, found);
      else if (!found) await install(await release(image), progress, installOptions);
    },
    plan: (spec) => nativePlan(spec, paths, given.locks),
  };
}

type Observation = 'services' | 'memory' | 'inventory' | 'dataPlace' | 'database' | 'logs';

function observation(stack: NativeStack): Pick<Runtime, Observation> {
  const { given, paths, services } = stack;
  const environment = async () => stack.environment(await stack.usedImage());
  return {
    services,
    memory: (found) => memoryOfServices(found, (ids) => given.processes.groupMemory(ids.map(Number))),
    inventory: () => inventory(stack),
    dataPlace: () => dataPlace(stack),
    database: postgresDatabase(given, nativePostgresTools({ ...given, data: paths.data, services, environment })),
    logs: (query, stop) =>
      serviceLogs(query, {
        ...given,
        folder: paths.logs,
        services,
        signal: AbortSignal.any([given.signal, stop]),
      }),
  };
}

function control(stack: NativeStack): Pick<Runtime, 'start' | 'stop' | 'remove'> {
  const { given, paths, services, stopOptions } = stack;
  const stop: Runtime['stop'] = async (wanted = SERVICES) => {
    for (const service of [...SERVICES].reverse()) {
      if (wanted.includes(service)) await stopService(service, stopOptions);
    }
  };
  return {
    async start(spec, options) {
      const environment = await stack.startable(spec.image);
      const { secrets: secretsFile, litellmFiles, gatewayFiles } = given.paths;
      const variables = await gatewayVariables(given.files, given.paths);
      const gateway = { secretsFile, litellmFiles, gatewayFiles, variables };
      return startNativeStack(spec, options, { ...given, ...gateway, paths, services, stopOptions, environment });
    },
    stop,
    async remove({ volumes }) {
      await stop();
      await removeNativeStack(paths, volumes, given.files);
    },
  };
}

async function inventory({ given: { files }, paths: { folder, data } }: NativeStack): Promise<Inventory> {
  const records = await Promise.all(SERVICES.map((service) => readRecord(files, folder, service)));
  const hasData = (await files.owner(data)) !== undefined;
  return {
    containers: SERVICES.filter((_, i) => records[i] !== undefined),
    volumes: hasData ? [data] : [],
    networks: [],
  };
}

async function dataPlace({ given: { files }, paths: { data }, services }: NativeStack): Promise<DataPlace> {
  const exists = (await files.owner(join(data, 'PG_VERSION'))) !== undefined;
  const database = (await services()).find(({ service }) => service === DATABASE);
  // A folder can be replaced while nothing runs on it, unlike a volume.
  return { volume: exists ? data : null, mounted: database?.status === 'running' ? data : null, sharedWith: [] };
}
