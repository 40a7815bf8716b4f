import { join } from 'node:path';
import { DATABASE, SERVICES } from '../../model/service.ts';
import { holderOnMachine } from '../docker/holder-on-machine.ts';
import { lazyDatabase } from '../lazy-database.ts';
import { memoryOfServices } from '../memory-of-services.ts';
import type { Database, DataPlace, Inventory, Runtime } from '../runtime.ts';
import { NATIVE_DEFAULTS } from './install/locked-release.ts';
import { type NativeRuntimeOptions, type NativeStack, nativeStack } from './native-stack.ts';
import { readRecord } from './supervisor/service-record.ts';

/**
 * LiteLLM from PyPI in a Python environment and PostgreSQL from a wheel, each under its own supervisor. What `status` does not
 * need is loaded on demand, to keep starts fast.
 */
export function nativeRuntime(options: NativeRuntimeOptions): Runtime {
  const stack = nativeStack(options);
  return {
    kind: 'native',
    defaults: NATIVE_DEFAULTS,
    words: { container: 'process', volume: 'folder' },
    endpoint: async () => 'native',
    portHolder: (port) => holderOnMachine(port, stack.given),
    async revision(spec) {
      const [{ gatewayVariables }, { nativeRevision }] = await Promise.all([
        import('../gateway-variables.ts'),
        import('./native-services.ts'),
      ]);
      return nativeRevision(spec, await gatewayVariables(options.machine.files, options.paths));
    },
    ...installation(stack),
    ...observation(stack),
    ...control(stack),
  };
}

type Installation = 'facts' | 'preflight' | 'imageDigests' | 'imageVersion' | 'prepare' | 'plan';

function installation(stack: NativeStack): Pick<Runtime, Installation> {
  const { given, paths, installOptions, release, installed } = stack;
  return {
    facts: {
      kind: 'native',
      python: async () => (await factsOf(stack)).python(),
      dataFolder: async () => (await factsOf(stack)).dataFolder(),
    },
    async preflight() {
      const { nativePreflight } = await import('./native-preflight.ts');
      return nativePreflight(given, async () => Boolean(await installed(NATIVE_DEFAULTS.image)));
    },
    imageDigests: async ({ image }) => ({ [image]: `sha256:${(await release(image)).sha256}` }),
    imageVersion: async (image) => (await release(image)).version,
    async prepare({ image }, policy, progress) {
      const environment = await installed(image);
      if (policy === 'never') return void (await import('./native-preflight.ts')).requireInstalled(image, environment);
      if (environment) return;
      const { install } = await import('./install/install.ts');
      const { gatewayVariables } = await import('../gateway-variables.ts');
      const variables = await gatewayVariables(given.files, given.paths);
      await install(await release(image), progress, { ...installOptions, variables });
    },
    plan: async (spec) => (await import('./native-plan.ts')).nativePlan(spec, paths, given.locks),
  };
}

async function factsOf(stack: NativeStack) {
  const { given, paths, installed } = stack;
  const { nativeFacts } = await import('./native-facts.ts');
  return nativeFacts({ ...given, data: paths.data, installed: async () => installed(await stack.usedImage()) });
}

type Observation = 'services' | 'memory' | 'inventory' | 'dataPlace' | 'database' | 'logs' | 'reachHosts';

function observation(stack: NativeStack): Pick<Runtime, Observation> {
  const { given, paths, services } = stack;
  return {
    services,
    memory: (running) => memoryOfServices(running, (ids) => given.processes.groupMemory(ids.map(Number))),
    inventory: () => inventory(stack),
    dataPlace: () => dataPlace(stack),
    database: lazyDatabase(() => databaseOf(stack)),
    reachHosts: async (urls) => (await import('./reach-from-process.ts')).reachFromProcess(urls, stack),
    async *logs(query, stop) {
      const { serviceLogs } = await import('./supervisor/service-log.ts');
      const signal = AbortSignal.any([given.signal, stop]);
      yield* serviceLogs(query, { ...given, folder: paths.logs, services, signal });
    },
  };
}

function control(stack: NativeStack): Pick<Runtime, 'start' | 'stop' | 'remove'> {
  const { given, paths, services, stopOptions } = stack;
  const stop: Runtime['stop'] = async (wanted = SERVICES) => {
    const { stopService } = await import('./supervisor/stop-service.ts');
    for (const service of [...SERVICES].reverse()) {
      if (wanted.includes(service)) await stopService(service, stopOptions);
    }
  };
  return {
    async start(spec, options) {
      const [{ gatewayVariables }, { startNativeStack }] = await Promise.all([
        import('../gateway-variables.ts'),
        import('./start-stack.ts'),
      ]);
      const environment = await stack.environmentForStart(spec.image);
      const { secrets: secretsFile, litellmFiles, gatewayFiles } = given.paths;
      const variables = await gatewayVariables(given.files, given.paths);
      const gateway = { secretsFile, litellmFiles, gatewayFiles, variables };
      return startNativeStack(spec, options, { ...given, ...gateway, paths, services, stopOptions, environment });
    },
    stop,
    async remove({ volumes }) {
      await stop();
      const { removeNativeStack } = await import('./remove-stack.ts');
      await removeNativeStack(paths, volumes, given.files);
    },
  };
}

async function databaseOf(stack: NativeStack): Promise<Database> {
  const { given, paths, services } = stack;
  const environment = async () => stack.environmentForTools(await stack.usedImage());
  const [{ postgresDatabase }, { nativePostgresTools }] = await Promise.all([
    import('../postgres-tools.ts'),
    import('./postgres/native-database.ts'),
  ]);
  return postgresDatabase(given, nativePostgresTools({ ...given, data: paths.data, services, environment }));
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
  // Unlike a volume, a folder can be replaced while no database uses it.
  return { volume: exists ? data : null, mounted: database?.status === 'running' ? data : null, sharedWith: [] };
}
