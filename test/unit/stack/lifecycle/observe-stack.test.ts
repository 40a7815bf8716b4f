import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../../src/commands/status.ts';
import type { Http, HttpRequest, HttpResult } from '../../../../src/io/network/http.ts';
import type { PortState } from '../../../../src/io/network/ports.ts';
import { plainPaint } from '../../../../src/io/terminal/paint.ts';
import { CliError } from '../../../../src/model/errors.ts';
import { observeStack } from '../../../../src/stack/lifecycle/observe-stack.ts';
import { renderStatus, statusVariables } from '../../../../src/stack/lifecycle/status-view.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';

const KEY = 'sk-0123456789abcdef';
const HERE = 'unix:///here.sock';
const THERE = 'unix:///there.sock';
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'agents-llm-status-'));
  const folder = join(home, 'agents-llm');
  mkdirSync(folder);
  const state = {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'agents-llm',
    bind: '127.0.0.1',
    port: 4000,
    image: 'litellm:v1',
    databaseImage: 'postgres:16',
    engine: { endpoint: HERE, id: 'engine-1' },
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  const secrets = `LITELLM_MASTER_KEY=${KEY}\nLITELLM_SALT_KEY=salt\nPOSTGRES_PASSWORD=pw\nUI_USERNAME=admin\nUI_PASSWORD=admin\n`;
  writeFileSync(join(folder, '.env'), secrets);
});
afterEach(() => rmSync(home, { recursive: true }));

interface ContainerSketch {
  readonly service: 'litellm' | 'litellm-db' | 'litellm-tls';
  readonly state?: Record<string, unknown>;
  readonly restarts?: number;
}

function inspect({ service, state = {}, restarts = 0 }: ContainerSketch) {
  return {
    Id: `${service}-0123456789`,
    Name: `/agents-llm-${service}-1`,
    Created: '2026-01-01T00:00:00Z',
    RestartCount: restarts,
    State: { Status: 'running', ExitCode: 0, Error: '', StartedAt: '2026-01-01T00:00:00Z', ...state },
    Config: {
      Image: `${service}:v1`,
      Env: [],
      Labels: { 'com.docker.compose.project': 'agents-llm', 'com.docker.compose.service': service },
    },
    HostConfig: {
      PortBindings: service === 'litellm' ? { '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: '4000' }] } : {},
    },
  };
}

/** An engine at one socket with these containers, and a proxy with these answers; all else is a surprise. */
function http(
  containers: readonly ContainerSketch[],
  proxy: Record<string, unknown> = {},
  socket = '/here.sock',
): Http {
  return {
    async send(request: HttpRequest) {
      const { pathname } = new URL(request.url);
      const answer = (body: unknown, status = 200) =>
        ({ ok: true, status, headers: { 'api-version': '1.41' }, text: JSON.stringify(body) }) as const;
      if (request.socketPath === undefined) {
        const given = proxy[pathname];
        if (given instanceof CliError) throw given;
        if (given === undefined) return { ok: false, code: 'ECONNREFUSED' };
        if (given === 'ETIMEDOUT') return { ok: false, code: given };
        return typeof given === 'number' ? answer({}, given) : answer(given, pathname === '/down' ? 503 : 200);
      }
      const path = pathname.replace(/^\/v1\.41/, '');
      if (path === '/_ping') return answer('');
      const own = request.socketPath === socket ? containers : [];
      if (path === '/containers/json') return answer(own.map(({ service }) => ({ Id: service })));
      const found = own.find(({ service }) => path === `/containers/${service}/json`);
      if (found) return answer(inspect(found));
      throw new Error(`unexpected request: ${request.url}`);
    },
  };
}

/** As a peer check says it. */
const TAKEN = {
  '/health/readiness': new CliError('port_taken', 'Port 4000 on 127.0.0.1 is already in use by process 7 (node)'),
};
const READY = {
  '/health/readiness': { status: 'healthy', db: 'connected' },
  '/health/readiness/details': { litellm_version: '1.108.11' },
  '/key/list': { total_count: 2 },
  '/v2/model/info': { total_count: 1 },
};
/** It takes connections, and answers none. */
const HUNG = Object.fromEntries([...Object.keys(READY), '/health/liveliness'].map((path) => [path, 'ETIMEDOUT']));
const db = (state = {}): ContainerSketch => ({ service: 'litellm-db', state });
const proxy = (state = {}): ContainerSketch => ({ service: 'litellm', state });
const FREE = { probe: async () => 'free' as const, findFree: async () => 0 };

/** A machine where this port alone is taken, by process 7. */
function observe(fake: Http, endpoint = HERE, taken?: number) {
  const invocation = fakeInvocation({ home, http: fake, env: { AGENTS_LLM_HOME: home, DOCKER_HOST: endpoint } });
  const { ports, processes } = invocation.context;
  const context = {
    ...invocation.context,
    ports: { ...ports, probe: async (_: string, port: number) => (port === taken ? 'taken' : 'free') as PortState },
    processes: { ...processes, listener: async () => ({ pid: 7, command: 'node', user: 'mallory' }) },
  };
  return observeStack({ ...invocation, context });
}

describe('observeStack', () => {
  it.each([
    ['is down', [db({ Status: 'exited' }), proxy({ Status: 'exited' })], true],
    ['runs', [db(), proxy()], false],
  ])('names the program on the port of a stack that %s', async (_, containers, isSaid) => {
    const { warnings = [] } = await observe(http(containers, READY), HERE, 4000);
    const said = ['Port 4000 on 127.0.0.1 is already in use by process 7 (node)'];
    expect(warnings).toEqual(isSaid ? said : []);
  });

  it.each([
    ['nothing exists', [], {}, 'not-created', null, 10],
    [
      'containers were only created',
      [db({ Status: 'created' }), proxy({ Status: 'created' })],
      {},
      'created',
      null,
      10,
    ],
    ['all containers have stopped', [db({ Status: 'exited' }), proxy({ Status: 'exited' })], {}, 'exited', null, 10],
    [
      'the database starts',
      [db({ Health: { Status: 'starting' } }), proxy({ Status: 'created' })],
      {},
      'starting',
      /database/,
      7,
    ],
    ['the gateway is starting', [db(), proxy()], {}, 'starting', /the gateway/, 7],
    [
      'a service is restarted again and again',
      [db(), { ...proxy({ Status: 'restarting' }), restarts: 3 }],
      {},
      'restarting',
      /litellm ended and was restarted 3 times/,
      7,
    ],
    [
      'a service has ended for the first time and waits for its restart',
      [db(), { ...proxy({ Status: 'restarting' }), restarts: 0 }],
      {},
      'restarting',
      /litellm ended and is about to be restarted/,
      7,
    ],
    [
      'it runs for a moment between two restarts',
      [db(), { ...proxy({ Health: { Status: 'starting' } }), restarts: 3 }],
      {},
      'restarting',
      /litellm ended and was restarted 3 times/,
      7,
    ],
    [
      'it was restarted long ago and has stopped since',
      [
        { ...db({ Status: 'exited' }), restarts: 2 },
        { ...proxy({ Status: 'exited' }), restarts: 2 },
      ],
      {},
      'exited',
      null,
      10,
    ],
    [
      'one has ended',
      [db({ Status: 'exited', ExitCode: 1 }), proxy()],
      {},
      'unhealthy',
      /litellm-db exited with code 1/,
      7,
    ],
    [
      'one was given up, with its cause',
      [db(), proxy({ Status: 'exited', ExitCode: 127, Error: 'gave up: spawn python ENOENT' })],
      {},
      'unhealthy',
      /^litellm failed: gave up: spawn python ENOENT$/,
      7,
    ],
    [
      'one was given up and the other was stopped',
      [db({ Status: 'exited' }), proxy({ Status: 'exited', ExitCode: 127, Error: 'gave up: spawn python ENOENT' })],
      {},
      'exited',
      /^litellm failed: gave up: spawn python ENOENT$/,
      10,
    ],
    ['one is missing', [proxy()], {}, 'unhealthy', /missing/, 7],
    [
      'the port was taken',
      [db(), proxy({ Status: 'created', Error: 'port is already allocated' })],
      {},
      'unhealthy',
      /already allocated/,
      7,
    ],
    [
      'the database is lost',
      [db(), proxy()],
      { '/health/readiness': { db: 'disconnected' } },
      'unhealthy',
      /cannot reach its database/,
      7,
    ],
    ['the key is refused', [db(), proxy()], { ...READY, '/key/list': 401 }, 'unhealthy', /master key/, 7],
    [
      'a stranger answers',
      [db(), proxy()],
      { '/health/readiness': ['?'] },
      'unhealthy',
      /does not answer like LiteLLM/,
      7,
    ],
    ['another program answers', [db(), proxy()], TAKEN, 'unhealthy', /already in use by process 7/, 7],
    [
      'the proxy is paused',
      [db(), proxy({ Status: 'paused' })],
      {},
      'paused',
      /docker unpause agents-llm-litellm-1/,
      7,
    ],
    [
      'the database is paused',
      [db({ Status: 'paused' }), proxy()],
      {},
      'paused',
      /docker unpause agents-llm-litellm-db-1/,
      7,
    ],
    [
      'a health check fails',
      [db(), proxy({ Health: { Status: 'unhealthy' } })],
      {},
      'unhealthy',
      /health check of litellm/,
      7,
    ],
    [
      'the gateway is hung',
      [db(), proxy({ Health: { Status: 'healthy' } })],
      HUNG,
      'not-responding',
      /does not answer/,
      7,
    ],
    ['all is well', [db({ Health: { Status: 'healthy' } }), proxy()], READY, 'ready', null, 0],
  ] as const)('reports the right state when %s', async (_, containers, answers, state, reason, exit) => {
    const { data } = await observe(http(containers, answers));
    expect(data.state).toBe(state);
    if (reason === null) expect(data.reason).toBeNull();
    else expect(data.reason).toMatch(reason);
    expect(exitCodeOf(data)).toBe(exit);
    expect(renderStatus(data, plainPaint)).toMatch(new RegExp(`^agents-llm: ${state}`));
    expect(statusVariables(data)).toContain(`AGENTS_LLM_STATE="${state}"\n`);
  });

  it('counts models and virtual keys and reports version and uptime', async () => {
    const { data } = await observe(http([db(), proxy()], READY));
    expect(data).toMatchObject({ version: '1.108.11', models: 1, keys: 2, database: 'connected' });
    expect(data.services.map(({ uptimeMs }) => uptimeMs)).toEqual([0, 0]);
  });

  it.each([
    ['reports how much memory each service uses', 900, [800, null]],
    ['reports the rest if memory cannot be measured', undefined, [null, null]],
  ])('%s', async (_, used, bytes) => {
    const fake = http([db(), proxy({ Status: 'exited' })], READY);
    const invocation = fakeInvocation({ home, http: fake, env: { AGENTS_LLM_HOME: home, DOCKER_HOST: HERE } });
    const folder = '/sys/fs/cgroup/docker/litellm-db-0123456789';
    const given: Record<string, string | undefined> = {
      [`${folder}/memory.current`]: used === undefined ? undefined : `${used}\n`,
      [`${folder}/memory.stat`]: 'inactive_file 100\n',
    };
    const { files } = invocation.context;
    const read: typeof files.read = async (path) => (path.startsWith('/sys/') ? given[path] : files.read(path));
    const { data } = await observeStack({
      ...invocation,
      context: { ...invocation.context, files: { ...files, read }, ports: FREE },
    });
    expect(data.services.map(({ memoryBytes }) => memoryBytes)).toEqual(bytes);
  });

  describe('observeStack behind a reverse proxy', () => {
    const tls = {
      ...{ proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 8443, httpPort: 80, image: 'n:1' },
      ...{ fingerprint: 'AB:CD', revision: 'r1', expires: '2028-01-01T00:00:00.000Z' },
    };
    const front = (state = {}): ContainerSketch => ({ service: 'litellm-tls', state });
    const remember = (changes = {}) => {
      const file = join(home, 'agents-llm', 'state.json');
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), tls: { ...tls, ...changes } }));
    };
    /** The way through TLS answers apart from the plain port. */
    const split = (fake: Http, answer: HttpResult): Http => ({
      send: (request) => (request.pin ? Promise.resolve(answer) : fake.send(request)),
    });
    const passes = { ok: true, status: 200, headers: {}, text: '{}' } as const;

    it('shows the public address and the local one', async () => {
      remember();
      const { data, warnings } = await observe(split(http([db(), proxy(), front()], READY), passes));
      expect(data).toMatchObject({
        state: 'ready',
        url: 'https://llm.lan:8443',
        uiUrl: 'https://llm.lan:8443/ui/',
        localUrl: 'http://127.0.0.1:4000',
        tls: { proxy: 'nginx', host: 'llm.lan', selfSigned: true, expires: '2028-01-01T00:00:00.000Z' },
      });
      expect(warnings).toEqual([]);
      expect(renderStatus(data, plainPaint)).toMatch(
        /http:\/\/127\.0\.0\.1:4000 {2}plain.*\nTLS by nginx, certificate self-signed/,
      );
      expect(statusVariables(data)).toContain('LITELLM_BASE_URL="http://127.0.0.1:4000"\n');
    });

    it.each([
      ['does not forward requests', [db(), proxy(), front()], /cannot reach the gateway \(ECONNREFUSED\)/],
      ['is missing', [db(), proxy()], /a service is missing/],
      ['has ended', [db(), proxy(), front({ Status: 'exited', ExitCode: 1 })], /litellm-tls exited with code 1/],
    ])('reports unhealthy when the reverse proxy %s', async (_, containers, reason) => {
      remember();
      const { data } = await observe(split(http(containers, READY), { ok: false, code: 'ECONNREFUSED' }));
      expect(data).toMatchObject({ state: 'unhealthy', reason: expect.stringMatching(reason) });
    });

    it.each([
      [
        { expires: '2026-01-04T00:00:00.000Z', source: { certificate: '/c.pem', key: '/k' } },
        /^The certificate of \S+ expires in 3 days\. Renew \/c\.pem, then run agents-llm up$/,
      ],
      [
        { expires: '2025-12-01T00:00:00.000Z' },
        /^The certificate of \S+ has expired\. Run agents-llm up to replace it$/,
      ],
    ])('warns about a certificate that expires: %o', async (changes, warning) => {
      remember(changes);
      const { warnings } = await observe(split(http([db(), proxy(), front()], READY), passes));
      expect(warnings).toEqual([expect.stringMatching(warning)]);
    });
  });

  it('finds the stack on the engine that it was created on', async () => {
    const { data, warnings } = await observe(http([db(), proxy()], READY), THERE);
    expect(data).toMatchObject({
      state: 'ready-on-another-engine',
      engine: { endpoint: THERE, remembered: HERE },
    });
    expect(exitCodeOf(data)).toBe(0);
    expect(warnings?.[0]).toContain(HERE);
  });

  it('reports not created for a stack that is on neither engine', async () => {
    expect((await observe(http([]), THERE)).data.state).toBe('not-created');
  });
});
