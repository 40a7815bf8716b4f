import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { COMPOSE, ENGINE, type FakeDocker, type FakeDockerOptions, fakeDocker } from '../support/fake-docker.ts';
import { MASTER_KEY, startFakeLitellm } from '../support/fake-litellm.ts';
import type { FakeLitellm } from '../support/fake-litellm-state.ts';
import { runBin } from '../support/run-bin.ts';

const IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
const DATABASE_IMAGE = 'postgres:16-alpine';
const VOLUME = 'agents-llm_litellm_pgdata';
const PSQL = 'psql -X -q -A -t -v ON_ERROR_STOP=1 -U litellm -d litellm -f -';
const CLI = { ...COMPOSE, '--version': { stdout: 'Docker version 28.5.2, build e180ab8\n' } };
const PASSWORD = '3f9a1c7be2d04856';
const startedAt = new Date(Date.now() - 3_600_000).toISOString();
let docker: FakeDocker | undefined;

afterEach(async () => {
  await docker?.dispose();
  docker = undefined;
});

function container(service: string, image: string, bindings: Record<string, unknown>) {
  return {
    Id: service,
    Name: `/agents-llm-${service}-1`,
    Created: startedAt,
    RestartCount: 0,
    State: { Status: 'running', ExitCode: 0, Error: '', StartedAt: startedAt, Health: { Status: 'healthy' } },
    Config: {
      Image: image,
      Env: service === 'litellm' ? ['LITELLM_CORS_ORIGINS=http://127.0.0.1:4000'] : [],
      Labels: { 'com.docker.compose.project': 'agents-llm', 'com.docker.compose.service': service },
    },
    Mounts: service === 'litellm-db' ? [{ Type: 'volume', Name: VOLUME, Destination: '/var/lib/postgresql/data' }] : [],
    HostConfig: { PortBindings: bindings },
  };
}

function engine(port: number) {
  const proxy = container('litellm', IMAGE, { '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] });
  return {
    ...ENGINE,
    '/info': { ...ENGINE['/info'], ServerVersion: '28.5.2', MemTotal: 8e9 },
    '/containers/json': [{ Id: 'litellm-db' }, { Id: 'litellm' }],
    '/containers/litellm-db/json': container('litellm-db', DATABASE_IMAGE, {}),
    '/containers/litellm/json': proxy,
    [`/volumes/${VOLUME}`]: {},
    [`/images/${IMAGE}/json`]: { Id: 'sha256:1' },
    [`/images/${DATABASE_IMAGE}/json`]: { Id: 'sha256:2' },
  };
}

/** Where no stack is, and the engine that DOCKER_HOST names does not answer. */
async function beforeUp() {
  docker = await fakeDocker({ cli: CLI, engine: false });
  return { ...docker.env, AGENTS_LLM_PORT: String(await freePort()) };
}

const ROWS = { stdout: 'the-id\n{"providers":[],"aliases":[],"keys":[],"teams":[]}\n' };

/** A healthy running stack, except for the given changes. */
async function stack(changes: (port: number) => FakeDockerOptions = () => ({})): Promise<{
  readonly fake: FakeLitellm;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}> {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  const port = Number(new URL(fake.url).port);
  docker = await fakeDocker({
    cli: { ...CLI, [`exec -i -e PGCONNECT_TIMEOUT -e AGENTS_LLM_CALL litellm-db ${PSQL}`]: ROWS },
    engine: engine(port),
    ...changes(port),
  });
  const folder = join(docker.folder, 'home', 'agents-llm');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secrets = `LITELLM_MASTER_KEY=${MASTER_KEY}\nLITELLM_SALT_KEY=8c2e6b1d9f03a754\nPOSTGRES_PASSWORD=${PASSWORD}\nUI_USERNAME=admin\nUI_PASSWORD=5e0d7c2b9a14\n`;
  writeFileSync(join(folder, '.env'), secrets, { mode: 0o600 });
  const state = {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'agents-llm',
    bind: '127.0.0.1',
    port,
    image: IMAGE,
    databaseImage: DATABASE_IMAGE,
    engine: { endpoint: docker.env.DOCKER_HOST, id: 'fake-engine' },
    createdAt: startedAt,
    data: { id: 'the-id', volume: VOLUME },
  };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state), { mode: 0o600 });
  return { fake, folder, env: docker.env };
}

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly code: string | null;
  readonly seen: string;
  readonly fix: string | null;
}

/** In text and in JSON, which must agree. */
async function doctor(env: Readonly<Record<string, string>>, ...args: string[]) {
  const [text, json] = [await runBin(['doctor', ...args], env), await runBin(['doctor', '--json', ...args], env)];
  expect(text.code).toBe(json.code);
  const envelope = JSON.parse(json.stdout);
  expect(envelope).toMatchObject({ schemaVersion: 1, command: 'doctor', ok: true, error: null });
  for (const { id, status, seen } of envelope.data.checks as Shown[]) {
    if (status !== 'skip') expect(text.stdout).toMatch(new RegExp(`^  ${status} +${id} `, 'im'));
    if (status === 'fail') expect(text.stdout).toContain(seen);
  }
  for (const secret of [MASTER_KEY, PASSWORD]) expect(text.stdout + text.stderr + json.stdout).not.toContain(secret);
  return { code: text.code, text: text.stdout, ...(envelope.data as { checks: Shown[]; worst: string | null }) };
}

const sick = (checks: readonly Shown[]) =>
  checks.filter(({ status }) => status === 'fail').map(({ id, code }) => `${id} ${code}`);

describe('agents-llm doctor', () => {
  it('finds no problem in a healthy stack', async () => {
    const { env } = await stack();
    const found = await doctor(env);
    expect([sick(found.checks), found.worst, found.code]).toEqual([[], null, 0]);
    expect(found.text).toMatch(/^agents-llm on docker: 0 failures, 1 warning, \d+ ok, \d skipped \([\d.]+ m?s\)\n/);
  });

  it('finds no problem before the first up', async () => {
    docker = await fakeDocker({
      cli: CLI,
      engine: {
        ...ENGINE,
        [`/volumes/${VOLUME}`]: 404,
        [`/images/${IMAGE}/json`]: 404,
        [`/images/${DATABASE_IMAGE}/json`]: 404,
      },
    });
    const found = await doctor({
      ...docker.env,
      AGENTS_LLM_RUNTIME: 'docker',
      AGENTS_LLM_PORT: String(await freePort()),
    });
    expect([sick(found.checks), found.code]).toEqual([[], 0]);
    expect(found.checks.find(({ id }) => id === 'images')).toMatchObject({ status: 'warn' });
    expect(existsSync(join(docker.folder, 'home'))).toBe(false);
  });

  it.each<[string, () => Promise<Readonly<Record<string, string>>>, string[], number]>([
    ['no docker command', async () => (await stack(() => ({ cli: false }))).env, ['docker-cli docker_missing'], 5],
    ['no engine', async () => (await stack(() => ({ engine: false, cli: CLI }))).env, ['engine engine_unreachable'], 5],
    ['no engine where DOCKER_HOST names it, before the first up', beforeUp, ['engine engine_unreachable'], 5],
    [
      'a Compose that is too old',
      async () =>
        (
          await stack(() => ({
            cli: {
              ...CLI,
              'compose version --short': { stdout: '2.20.0' },
              [`exec -i -e PGCONNECT_TIMEOUT -e AGENTS_LLM_CALL litellm-db ${PSQL}`]: ROWS,
            },
          }))
        ).env,
      ['compose compose_too_old'],
      5,
    ],
    [
      'an engine with too little memory',
      async () =>
        (await stack((port) => ({ engine: { ...engine(port), '/info': { ...ENGINE['/info'], MemTotal: 5e8 } } }))).env,
      ['memory memory_low'],
      5,
    ],
    [
      'an engine whose clock is wrong',
      async () =>
        (
          await stack((port) => ({
            engine: { ...engine(port), '/info': { ...ENGINE['/info'], SystemTime: '2020-01-01T00:00:00Z' } },
          }))
        ).env,
      ['clock clock_skewed'],
      5,
    ],
    [
      'a database that fails',
      async () =>
        (
          await stack(() => ({
            cli: {
              ...CLI,
              [`exec -i -e PGCONNECT_TIMEOUT -e AGENTS_LLM_CALL litellm-db ${PSQL}`]: {
                stderr: 'psql: error: FATAL:  the database is on fire',
                code: 2,
              },
            },
          }))
        ).env,
      ['database database_failed'],
      7,
    ],
    [
      'a service that ended',
      async () =>
        (
          await stack((port) => {
            const all = engine(port);
            const proxy = all['/containers/litellm/json'];
            const ended = { ...proxy, State: { ...proxy.State, Status: 'exited', ExitCode: 3 } };
            return { engine: { ...all, '/containers/litellm/json': ended } };
          })
        ).env,
      ['port port_taken', 'responder port_taken', 'services service_failed'],
      6,
    ],
    [
      'an unknown context',
      async () => ({ ...(await stack()).env, DOCKER_HOST: '', DOCKER_CONTEXT: 'nowhere' }),
      ['context docker_context_unknown'],
      5,
    ],
    [
      'a proxy without its database',
      async () => {
        const { fake, env } = await stack();
        fake.faults.databaseLost = true;
        return env;
      },
      ['database database_lost'],
      7,
    ],
    [
      'a stranger at the port',
      async () => {
        const { fake, env } = await stack();
        fake.faults.html = true;
        return env;
      },
      ['responder not_litellm'],
      8,
    ],
    [
      'a master key that is refused',
      async () => {
        const { fake, env } = await stack();
        fake.faults.refuses = true;
        return env;
      },
      ['master-key key_refused'],
      4,
    ],
    [
      'a state that cannot be read',
      async () => {
        const { folder, env } = await stack();
        writeFileSync(join(folder, 'state.json'), '{');
        return env;
      },
      ['state state_invalid'],
      9,
    ],
  ])('%s', async (_, setUp, expected, exit) => {
    const found = await doctor(await setUp());
    expect([sick(found.checks), found.code]).toEqual([expected, exit]);
    for (const { fix } of found.checks.filter(({ status }) => status === 'fail')) expect(fix).toMatch(/\w/);
  });

  it('names the project in what it tells to run', async () => {
    docker = await fakeDocker({
      cli: CLI,
      engine: {
        ...ENGINE,
        '/volumes/two_litellm_pgdata': 404,
        [`/images/${IMAGE}/json`]: 404,
        [`/images/${DATABASE_IMAGE}/json`]: 404,
      },
    });
    const env = { ...docker.env, AGENTS_LLM_RUNTIME: 'docker', AGENTS_LLM_PORT: String(await freePort()) };
    const found = await doctor(env, '-p', 'two');
    expect(found.checks.find(({ id }) => id === 'images')?.fix).toBe('Download them: agents-llm -p two up');
  });

  it('--fix repairs what is safe to repair and reports it', async () => {
    const { folder, env, fake } = await stack();
    chmodSync(join(folder, '.env'), 0o644);
    writeFileSync(join(folder, 'lock'), '{"pid":2147483647,"identity":"x","command":"up","since":"then","token":"t"}');
    expect(sick((await doctor(env)).checks)).toEqual(['file-modes secrets_exposed']);
    expect((await doctor(env)).code).toBe(1);
    const fixed = await runBin(['doctor', '--fix'], env);
    expect(fixed.stdout).toContain(`  fixed  file-modes: Removed access of other users to ${join(folder, '.env')}\n`);
    expect(fixed.stdout).toContain('  fixed  lock: Removed the locks of ended processes\n');
    expect(fixed.code).toBe(0);
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    expect(fake.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});
