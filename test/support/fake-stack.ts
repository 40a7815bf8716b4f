import { onTestFinished } from 'vitest';
import type { Invocation } from '../../src/context/invocation.ts';
import { systemHttp } from '../../src/io/network/http.ts';
import { CliError } from '../../src/model/errors.ts';
import { SERVICES, type ServiceName } from '../../src/model/service.ts';
import { allowedOrigins } from '../../src/model/web-origins.ts';
import { fingerprintsOf } from '../../src/project/fingerprints.ts';
import { parseSecrets, type StackSecrets } from '../../src/project/secrets.ts';
import { type StackState, writeState } from '../../src/project/state.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { type MadeStack, requireMade } from '../../src/stack/open/made-stack.ts';
import type { RuntimeFor } from '../../src/stack/open/open-stack.ts';
import { type FakeDatabase, fakeDatabase } from './fake-database.ts';
import { fakeInvocation } from './fake-invocation.ts';
import { MASTER_KEY, startFakeLitellm } from './fake-litellm.ts';
import type { FakeLitellm } from './fake-litellm-state.ts';
import { fakeRuntime } from './fake-runtime.ts';
import { serviceState } from './service-state.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { trustingHttp } from './trusting-http.ts';

export const VOLUME = 'agents-llm_litellm_pgdata';

/** A `.env` with the master key of the test server. */
export const secretsText = (changes: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    LITELLM_MASTER_KEY: MASTER_KEY,
    LITELLM_SALT_KEY: 'the-salt-key',
    POSTGRES_PASSWORD: 'the-password',
    UI_USERNAME: 'admin',
    UI_PASSWORD: 'the-ui-password',
    ...changes,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

export interface FakeStackOptions {
  /** False: there is no state, no secret and no data yet. */
  readonly made?: boolean;
  readonly runs?: boolean;
  /** What the proxy was started with; its own origins when left out. */
  readonly corsOrigins?: string | undefined;
  readonly state?: Partial<StackState>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly runtime?: Parameters<typeof fakeRuntime>[0];
  /** Called when services start, before they are seen to run. */
  readonly onStart?: (only: readonly ServiceName[], image: string) => void;
}

/** A stack whose proxy is the test server and whose databases are in memory; real files in a folder of the test's. */
export interface FakeStack {
  readonly invocation: Invocation;
  readonly runtime: Runtime;
  readonly runtimeFor: RuntimeFor;
  readonly proxy: FakeLitellm;
  readonly database: FakeDatabase;
  /** What was done to the services, in order. */
  readonly calls: string[];
  readonly running: Set<ServiceName>;
  readonly secrets: StackSecrets;
  /** What was written to stderr. */
  readonly said: () => string;
  readonly made: () => Promise<MadeStack>;
}

export async function fakeStack(options: FakeStackOptions = {}): Promise<FakeStack> {
  const { made = true, runs = made, onStart = () => {} } = options;
  const proxy = await startFakeLitellm();
  onTestFinished(() => proxy.close());
  const home = await temporaryFolder();
  const given = fakeInvocation({
    home,
    env: { AGENTS_LLM_HOME: home, ...options.env },
    http: trustingHttp(systemHttp()),
  });
  const ports = { probe: async () => 'free' as const, findFree: async () => 0 };
  const invocation = { ...given, context: { ...given.context, ports } };
  const { files, streams } = invocation.context;
  const { paths } = invocation.settings;
  const written: string[] = [];
  streams.stderr.write = (text) => written.push(text) > 0;
  streams.stderr.writeRaw = streams.stderr.write;
  const secrets = parseSecrets(secretsText(options.secrets), 'the test');
  const calls: string[] = [];
  const running = new Set<ServiceName>(runs ? SERVICES : []);
  const database = fakeDatabase(proxy, files, { runs: () => running.has('litellm-db'), calls });
  let volume = made ? VOLUME : null;
  let image = 'l:v1.108.11';
  const own = allowedOrigins({ bind: '127.0.0.1', port: portOf(proxy) });
  let corsOrigins = 'corsOrigins' in options ? options.corsOrigins : own;
  const setProxy = () => {
    // One that does not run hangs up.
    if (running.has('litellm')) delete proxy.faults.cutBefore;
    else proxy.faults.cutBefore = Number.POSITIVE_INFINITY;
  };
  setProxy();
  const runtime = fakeRuntime({
    defaults: { image: 'l:v1.108.11', databaseImage: 'p:16' },
    preflight: async () => ({ endpoint: 'unix:///docker.sock', id: 'E' }),
    services: async () =>
      volume === null && running.size === 0
        ? []
        : SERVICES.map((service) =>
            serviceState({
              service,
              status: running.has(service) ? 'running' : 'exited',
              image: service === 'litellm' ? image : 'p:16',
              published: service === 'litellm' ? { bind: '127.0.0.1', port: portOf(proxy) } : null,
              corsOrigins: service === 'litellm' ? corsOrigins : undefined,
              revision: 'r1',
            }),
          ),
    dataPlace: async () => ({ volume, mounted: volume, sharedWith: [] }),
    imageDigests: async () => ({}),
    prepare: async (spec, policy) => void calls.push(`prepare ${spec.image} ${policy}`),
    start: async (spec, { recreate, only = SERVICES }) => {
      calls.push(`start ${only.join('+')}${recreate.length > 0 ? `, new ${recreate.join('+')}` : ''}`);
      volume = VOLUME;
      if (only.includes('litellm')) [image, corsOrigins] = [spec.image, allowedOrigins(spec)];
      for (const service of only) running.add(service);
      onStart(only, spec.image);
      setProxy();
    },
    stop: async (services = SERVICES) => {
      calls.push(`stop ${services.join('+')}`);
      for (const service of services) running.delete(service);
      setProxy();
    },
    ...options.runtime,
    database: { ...database.database, ...options.runtime?.database },
  });
  if (made) {
    await files.makeFolder(paths.folder);
    await files.write(paths.secrets, secretsText(options.secrets), 0o600);
    await writeState(files, paths, {
      schemaVersion: 1,
      runtime: 'docker',
      project: 'agents-llm',
      bind: '127.0.0.1',
      port: portOf(proxy),
      image,
      databaseImage: 'p:16',
      engine: { endpoint: 'unix:///docker.sock', id: 'E' },
      createdAt: '2026-01-01T00:00:00Z',
      fingerprints: fingerprintsOf(secrets, 'salt'),
      data: { id: 'the-id', volume: VOLUME },
      ...options.state,
    });
    database.setIdentity('the-id');
  }
  const runtimeFor = () => runtime;
  return {
    invocation,
    runtime,
    runtimeFor,
    proxy,
    database,
    calls,
    running,
    secrets,
    said: () => written.join(''),
    made: () => requireMade(invocation, runtimeFor),
  };
}

export const portOf = ({ url }: Pick<FakeLitellm, 'url'>): number => Number(new URL(url).port);

/** A provider, its alias and a key, as users make them. */
export function addUserData({ proxy }: Pick<FakeStack, 'proxy'>): void {
  proxy.state.credentials.openai = {
    credential_info: { custom_llm_provider: 'openai' },
    credential_values: { api_key: 'sk-0123456789' },
  };
  const params = { model: 'openai/gpt-4o', litellm_credential_name: 'openai' };
  proxy.state.models.push({ id: 'm', name: 'gpt-5', params, live: true });
  proxy.addKey({ key_alias: 'agents-service' });
}

/** The failure of a service, as a runtime reports it. */
export function serviceFails(message = 'it ended'): never {
  throw new CliError('compose_failed', message, { hint: 'look' });
}
