import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import type { Invocation } from '../../src/context/invocation.ts';
import { examined } from '../../src/doctor/examine-stack.ts';
import { type DoctorFlags, runDoctor } from '../../src/doctor/run-doctor.ts';
import { systemHttp } from '../../src/io/network/http.ts';
import { Secret } from '../../src/model/secret.ts';
import type { ServiceState } from '../../src/model/service.ts';
import { fingerprintsOf } from '../../src/project/fingerprints.ts';
import type { StackState } from '../../src/project/state.ts';
import type { DataPlace, DockerFacts, EngineFacts, NativeFacts, Runtime } from '../../src/runtime/runtime.ts';
import type { DatabaseSize } from '../../src/stack/data/database-size.ts';
import { fakeClock, withoutWatches } from './fake-clock.ts';
import { fakeInvocation } from './fake-invocation.ts';
import { MASTER_KEY, startFakeLitellm } from './fake-litellm.ts';
import type { FakeLitellm } from './fake-litellm-state.ts';
import { fakeRuntime } from './fake-runtime.ts';
import { serviceState } from './service-state.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { trustingHttp } from './trusting-http.ts';

export const NOW = Date.UTC(2026, 0, 1);
const VOLUME = 'agents-llm_litellm_pgdata';
const IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
const PASSWORD = '3f9a1c7be2d04856';
const SALT = '8c2e6b1d9f03a754';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** A healthy stack until a test changes it. */
export interface DoctorWorld {
  readonly fake: FakeLitellm;
  readonly folder: string;
  /** Written before each look, unless `files` says otherwise. */
  state: Mutable<StackState> | undefined;
  secrets: Record<string, string> | undefined;
  context: Mutable<Partial<Context>>;
  engine: Mutable<EngineFacts>;
  services: ServiceState[];
  place: Mutable<DataPlace>;
  /** In the database; `deleted` are hashes of keys that LiteLLM deleted, `broken` is what it fails with. */
  database: {
    id: string;
    losesKeys: boolean;
    isSuperuser: boolean;
    deleted: string[];
    broken?: Error;
    size: DatabaseSize;
  };
  runtime: Partial<Omit<Runtime, 'database'>>;
  facts: Mutable<Partial<DockerFacts>>;
  native: Mutable<NativeFacts> | undefined;
  /** Ids of processes that run. */
  readonly alive: Set<number>;
  write(name: string, text: string, mode?: number): Promise<void>;
  invocation(): Invocation;
  doctor(flags?: DoctorFlags): ReturnType<typeof runDoctor>;
}

export async function doctorWorld(): Promise<DoctorWorld> {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  fake.state.credentials.openai = { credential_info: {}, credential_values: { api_key: 'sk-0123456789' } };
  fake.state.models.push({ id: 'm', name: 'gpt-5', params: { litellm_credential_name: 'openai' }, live: true });
  fake.addKey({ key_alias: 'agents-service', expires: '2026-02-01T00:00:00Z' });
  const home = await temporaryFolder();
  const folder = join(home, 'agents-llm');
  const port = Number(new URL(fake.url).port);
  const startedAt = NOW - 3_600_000;
  const world: DoctorWorld = {
    fake,
    folder,
    state: stateOf(port),
    secrets: {
      LITELLM_MASTER_KEY: MASTER_KEY,
      LITELLM_SALT_KEY: SALT,
      POSTGRES_PASSWORD: PASSWORD,
      UI_USERNAME: 'admin',
      UI_PASSWORD: '5e0d7c2b9a14',
    },
    context: {},
    engine: {
      endpoint: 'unix:///docker.sock',
      id: 'engine-1',
      product: 'Docker',
      version: '28.5.2',
      memory: 8e9,
      time: NOW,
      storage: '/nowhere',
    },
    services: [
      serviceState({ service: 'litellm-db', startedAt }),
      serviceState({ startedAt, published: { bind: '127.0.0.1', port } }),
    ],
    place: { volume: VOLUME, mounted: VOLUME, sharedWith: [] },
    database: { id: 'the-id', losesKeys: false, isSuperuser: false, deleted: [], size: { ...SIZE } },
    runtime: {},
    facts: {},
    native: undefined,
    alive: new Set(),
    async write(name, text, mode = 0o600) {
      const path = join(folder, name);
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      await writeFile(path, text);
      await chmod(path, mode);
    },
    invocation: () => invocationOf(world, home),
    async doctor(flags = {}) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (world.state) await world.write('state.json', JSON.stringify(world.state));
      const lines = Object.entries(world.secrets ?? {}).map(([name, value]) => `${name}=${value}\n`);
      if (world.secrets) await world.write('.env', lines.join(''));
      return runDoctor(flags, world.invocation(), async (given) => examined(given, runtimeOf(world)));
    },
  };
  return world;
}

function stateOf(port: number): StackState {
  const secrets = {
    masterKey: new Secret(MASTER_KEY),
    saltKey: new Secret(SALT),
    databasePassword: new Secret(PASSWORD),
  };
  return {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'agents-llm',
    bind: '127.0.0.1',
    port,
    image: IMAGE,
    databaseImage: 'postgres:16-alpine',
    engine: { endpoint: 'unix:///docker.sock', id: 'engine-1' },
    createdAt: '2025-12-01T00:00:00.000Z',
    fingerprints: fingerprintsOf(secrets, 'salt'),
    data: { id: 'the-id', volume: VOLUME },
    digests: { [IMAGE]: 'sha256:1' },
  };
}

function invocationOf(world: DoctorWorld, home: string): Invocation {
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home }, http: trustingHttp(systemHttp()) });
  const { context } = invocation;
  const processes = { ...context.processes, identity: async (pid: number) => identityIn(world, pid) };
  const ports = { ...context.ports, probe: async () => 'free' as const };
  return {
    ...invocation,
    context: { ...context, clock: withoutWatches(fakeClock(NOW)), processes, ports, ...world.context },
  };
}

const identityIn = ({ alive }: DoctorWorld, pid: number) => (alive.has(pid) || pid === 4711 ? 'start' : undefined);

function runtimeOf(world: DoctorWorld): Runtime {
  const docker: DockerFacts = {
    kind: 'docker',
    cliVersion: async () => '28.5.2',
    composeVersion: async () => '2.31.0',
    engine: async () => world.engine,
    ...world.facts,
  };
  return fakeRuntime({
    kind: world.native ? 'native' : 'docker',
    facts: world.native ?? docker,
    services: async () => world.services,
    dataPlace: async () => world.place,
    prepare: async () => {},
    imageDigests: async () => ({ [IMAGE]: 'sha256:1' }),
    ...world.runtime,
    database: {
      sql: async (script) => {
        if (world.database.broken) throw world.database.broken;
        if (script.includes('"LiteLLM_DeletedVerificationToken"')) return `${world.database.deleted.join('\n')}\n`;
        const role = world.database.isSuperuser ? 'superuser\n' : '';
        return `${role}${world.database.id}\n${JSON.stringify(world.database.size)}\n${rowsOf(world)}\n`;
      },
    },
  });
}

const SIZE: DatabaseSize = { bytes: 84_000_000, tables: [], logBytes: 71_000_000, logRetention: '30d' };

/** The rows that a database under this proxy would hold. */
function rowsOf({ fake: { state }, database }: DoctorWorld): string {
  const keys = state.keys.map(({ token, key_alias }) => ({ id: token, name: String(key_alias), hash: token }));
  return JSON.stringify({
    providers: Object.keys(state.credentials).map((name) => ({ name, hash: name, values: { api_key: 'encrypted' } })),
    aliases: state.models.map(({ id, name }) => ({ id, name, hash: id })),
    keys: database.losesKeys ? [...keys, { id: 'gone', name: 'hidden', hash: 'h' }] : keys,
    teams: [],
  });
}
