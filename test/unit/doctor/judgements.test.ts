import { describe, expect, test } from 'vitest';
import { judgeCredentials, judgeMocks, judgeRows } from '../../../src/doctor/alias-checks.ts';
import { judgeLosses, judgeVolume } from '../../../src/doctor/data-checks.ts';
import { judgeClock, judgeCompose } from '../../../src/doctor/docker-checks.ts';
import { judgeModes } from '../../../src/doctor/file-checks.ts';
import { judgeDigests, judgeImageVersion } from '../../../src/doctor/image-checks.ts';
import { judgeCanaries, judgeExpiry, judgeStale } from '../../../src/doctor/key-checks.ts';
import { judgeLocks } from '../../../src/doctor/lock-checks.ts';
import { judgeDisk, judgeMemory, judgeNode, judgeProxyVariables } from '../../../src/doctor/machine-checks.ts';
import { judgeDataFolder } from '../../../src/doctor/native-checks.ts';
import { judgeNeighbours } from '../../../src/doctor/neighbour-checks.ts';
import { judgeAnswer, judgeBind, judgeCertificate, judgeDatabasePort } from '../../../src/doctor/network-checks.ts';
import { judgeLogin, judgeStrength } from '../../../src/doctor/secret-checks.ts';
import { judgeMasterKey, judgeReadiness, judgeServices } from '../../../src/doctor/service-checks.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SERVICES } from '../../../src/model/service.ts';
import type { TlsSpec } from '../../../src/model/stack-spec.ts';
import { serviceState } from '../../support/service-state.ts';

const URL_ = 'http://127.0.0.1:4000';
const HOUR = 3_600_000;

test.each([
  ['20.19.0', 'ok'],
  ['20.18.3', 'fail'],
  ['18.20.0', 'fail'],
  ['22.1.0', 'ok'],
] as const)('judges Node %s: %s', (version, status) => expect(judgeNode(version).status).toBe(status));

test.each([
  [0, 'skip'],
  [0.99e9, 'fail'],
  [1e9, 'warn'],
  [1.5e9, 'ok'],
] as const)('judges %d bytes of memory: %s', (bytes, status) => expect(judgeMemory(bytes).status).toBe(status));

test.each([
  [[3e9, 5e9], 'ok'],
  [[3e9, 1.9e9], 'warn'],
  [[9e7, 5e9], 'fail'],
] as const)('judges %j bytes of free disk space: %s', (free, status) => {
  const found = judgeDisk(
    free.map((bytes, i) => ({ what: `place ${i}`, free: bytes })),
    'docker',
  );
  expect(found.status).toBe(status);
  expect(found.seen).toContain('free for place 0');
});

test('ignores a file system that does not report its free space', () => {
  const unknown = { what: 'configuration', free: undefined };
  expect(judgeDisk([unknown], 'native')).toMatchObject({
    status: 'skip',
    seen: 'The file system does not report its free space',
  });
  expect(judgeDisk([unknown, { what: 'data', free: 5e9 }], 'native')).toMatchObject({
    status: 'ok',
    seen: '5.0 GB free for data',
  });
});

test.each([
  ['docker', 'Free disk space: docker system df shows what Docker uses'],
  ['native', 'Free disk space: df -h shows where'],
] as const)('says how to free disk space on %s', (kind, fix) => {
  expect(judgeDisk([{ what: 'its data', free: 1e9 }], kind).fix).toBe(fix);
});

describe('proxy variables', () => {
  test.each([
    [{}, 'ok'],
    [{ HTTPS_PROXY: 'http://p' }, 'ok'],
    [{ http_proxy: 'http://p' }, 'warn'],
    [{ ALL_PROXY: 'socks5://p' }, 'warn'],
    [{ HTTP_PROXY: 'http://p', NO_PROXY: '*' }, 'ok'],
    [{ HTTP_PROXY: 'http://p', NO_PROXY: 'corp, 127.0.0.1' }, 'ok'],
    [{ HTTP_PROXY: 'http://p', no_proxy: '127.0.0.1:4000' }, 'ok'],
    [{ HTTP_PROXY: 'http://p', NO_PROXY: '127.0.0.0/8' }, 'ok'],
    [{ HTTP_PROXY: 'http://p', NO_PROXY: 'localhost' }, 'warn'],
  ])('%j: %s', (env, status) => expect(judgeProxyVariables(env, URL_).status).toBe(status));

  test('keeps existing NO_PROXY entries in the fix, and adds a non-loopback address', () => {
    const env = { HTTP_PROXY: 'http://p', NO_PROXY: 'corp' };
    expect(judgeProxyVariables(env, 'http://10.0.0.5:4000').fix).toBe(
      'Exclude the gateway: export NO_PROXY=corp,127.0.0.1,localhost,10.0.0.5 no_proxy=corp,127.0.0.1,localhost,10.0.0.5',
    );
  });
});

test.each([
  ['2.21.0', 'warn', /--wait-timeout/],
  ['2.26.1-4', 'warn', /control characters into pipes and ignores .*--wait-timeout/],
  ['v2.29.7', 'warn', /--wait-timeout/],
  ['2.30.0', 'ok', /^Compose 2\.30\.0$/],
  ['2.32.0', 'ok', /never run `docker compose up -y`/],
  ['5.1.0', 'ok', /never run `docker compose up -y`/],
  ['dev', 'ok', /^Compose dev$/],
] as const)('judges Compose %s: %s', (version, status, seen) => {
  expect(judgeCompose(version).status).toBe(status);
  expect(judgeCompose(version).seen).toMatch(seen);
});

test.each([
  [null, 'skip', /does not report/],
  [0, 'ok', /agree/],
  [-4999, 'ok', /agree/],
  [5000, 'warn', /5\.0 s ahead/],
  [-60_000, 'fail', /1 min behind/],
] as const)('judges a clock that is %s ms off: %s', (skew, status, seen) => {
  expect(judgeClock(skew).status).toBe(status);
  expect(judgeClock(skew).seen).toMatch(seen);
});

test.each([
  [undefined, 'skip'],
  [0o700, 'ok'],
  [0o750, 'ok'],
  [0o755, 'fail'],
  [0o500, 'fail'],
] as const)('judges a data directory of mode %s: %s', (mode, status) => {
  expect(judgeDataFolder(mode === undefined ? undefined : { path: '/data', mode }).status).toBe(status);
});

test.each([
  [{}, { a: 'x' }, 'ok', /Nothing to compare with yet/],
  [{ a: 'x' }, { a: 'x' }, 'ok', /have not changed/],
  [{ a: 'x' }, { a: 'y' }, 'warn', /a is now y but was x/],
  [{ a: 'x' }, {}, 'ok', /Nothing to compare with yet/],
])('compares digests %j and %j: %s', (known, now, status, seen) => {
  expect(judgeDigests(known, now).status).toBe(status);
  expect(judgeDigests(known, now).seen).toMatch(seen);
});

test('warns when the version is unknown', () => {
  expect(judgeImageVersion('litellm:latest', undefined)).toMatchObject({ status: 'warn', code: null });
  expect(judgeImageVersion('litellm:v1.108.11', [1, 108, 11])).toMatchObject({
    status: 'ok',
    seen: 'LiteLLM 1.108.11 has no known advisories',
  });
});

test('warns of a rolling tag with its release, and fails for a stolen release under any name', () => {
  expect(judgeImageVersion('r.lan/litellm:latest', [1, 108, 11], 'sha256:abc')).toMatchObject({
    status: 'warn',
    seen: 'r.lan/litellm:latest is a rolling tag, which is LiteLLM 1.108.11 (sha256:abc) today but may be another release tomorrow. Use r.lan/litellm:v1.108.11',
  });
  expect(judgeImageVersion('r.lan/litellm:latest', [1, 107, 0])).toMatchObject({
    status: 'fail',
    code: 'version_refused',
    seen: 'LiteLLM 1.107.0 was published by thieves and steals credentials',
  });
});

test.each([
  [[], 'skip'],
  [[0o700, 0o600], 'ok'],
  [[0o700, 0o640], 'fail'],
  [[0o701], 'fail'],
] as const)('judges file modes %j: %s', (modes, status) => {
  expect(judgeModes(modes.map((mode, i) => ({ path: `/h/${i}`, mode }))).status).toBe(status);
});

describe('secrets', () => {
  const strong = '3f9a1c7be2d04856';
  const of = (masterKey: string, saltKey = strong, databasePassword = strong) => ({
    masterKey: new Secret(masterKey),
    saltKey: new Secret(saltKey),
    databasePassword: new Secret(databasePassword),
    uiUsername: 'admin',
    uiPassword: new Secret('admin'),
  });

  test.each([
    [of(`sk-${strong}`), 'ok', null],
    [of('sk-1234567890abc'), 'warn', 'Replace it: agents-llm rotate-master-key'],
    [of('sk-aaaaaaaaaaaaaaaaaaaa'), 'warn', 'Replace it: agents-llm rotate-master-key'],
    [of('sk-changeme-9876543210'), 'warn', 'Replace it: agents-llm rotate-master-key'],
    [of(`sk-${strong}`, strong, 'postgres'), 'warn', 'Replace it: agents-llm rotate-db-password'],
    [
      of(`sk-${strong}`, 'changeme'),
      'warn',
      'Start over without the data: agents-llm down --volumes, then agents-llm up',
    ],
  ])('judges strength %#: %s', (secrets, status, fix) => expect(judgeStrength(secrets)).toMatchObject({ status, fix }));

  test.each([
    ['127.0.0.1', 'admin', 'warn', /well known/],
    ['127.0.0.1', 'a1b2c3', 'warn', /fewer than 8 characters/],
    ['0.0.0.0', 'a1b2c3', 'warn', /fewer than 8 characters/],
    ['0.0.0.0', strong, 'ok', /admin has a strong password/],
  ])('judges a login on %s with %s', (bind, password, status, seen) => {
    const spec = { project: 'p', bind, port: 1, image: 'i', databaseImage: 'd' };
    const found = judgeLogin({ ...of(strong), uiPassword: new Secret(password) }, spec);
    expect(found.status).toBe(status);
    expect(found.seen).toMatch(seen);
  });

  test('shows no secret value in the message or the fix', () => {
    const { seen, fix } = judgeStrength(of('sk-short-key-1', 'the-salt-1', 'pw-of-db-1'));
    expect(`${seen} ${fix}`).not.toMatch(/short-key|the-salt-1|pw-of-db/);
    expect(seen).toBe('Easy to guess: LITELLM_MASTER_KEY, POSTGRES_PASSWORD, LITELLM_SALT_KEY');
  });
});

describe('services', () => {
  const db = (changes = {}) => serviceState({ service: 'litellm-db', startedAt: 0, ...changes });
  const proxy = (changes = {}) => serviceState({ startedAt: 0, ...changes });
  const ended = { status: 'exited', health: 'none' } as const;

  test.each([
    ['none, and no stack', [], 'skip', /No stack yet/],
    ['both run', [db(), proxy()], 'ok', /for 2 h/],
    [
      'both were stopped',
      [db({ ...ended, exitCode: 0 }), proxy({ ...ended, exitCode: 137 })],
      'warn',
      /is not running/,
    ],
    ['one ended by itself', [db(), proxy({ ...ended, exitCode: 1 })], 'fail', /litellm exited with code 1/],
    [
      'one was given up',
      [db(), proxy({ ...ended, exitCode: 137, error: 'gave up: no file' })],
      'fail',
      /gave up: no file/,
    ],
    [
      'one has no supervisor',
      [db(), proxy({ error: 'its supervisor is not running' })],
      'fail',
      /is running, but its supervisor is not running/,
    ],
    ['one was stopped', [db(ended), proxy()], 'fail', /litellm-db is not running/],
    ['one is missing', [db()], 'fail', /litellm is not running/],
    ['one loops', [db(), proxy({ status: 'restarting', restarts: 4 })], 'fail', /restarted 4 times/],
    ['one is unhealthy', [db({ health: 'unhealthy' }), proxy()], 'fail', /litellm-db fails its health check/],
    ['one is paused', [db(), proxy({ status: 'paused' })], 'fail', /is paused/],
    ['one is dead', [db(), proxy({ status: 'dead' })], 'fail', /is reported dead/],
    ['one could not be started', [db(), proxy({ status: 'created', error: 'port in use' })], 'fail', /port in use/],
    ['they were only made', [db({ status: 'created' }), proxy({ status: 'created' })], 'warn', /is not running/],
  ] as const)('%s', (_, services, status, seen) => {
    const found = judgeServices(services, { wanted: SERVICES, made: false, now: 2 * HOUR });
    expect(found.status).toBe(status);
    expect(found.seen).toMatch(seen);
    expect(found.code).toBe(status === 'fail' ? 'service_failed' : null);
  });

  test('warns when a created stack has no services', () => {
    expect(judgeServices([], { wanted: SERVICES, made: true, now: 0 })).toMatchObject({
      status: 'warn',
      fix: 'Start the stack: agents-llm up',
    });
  });
});

test('names the port that LiteLLM answers on, and the next free port if another program does', () => {
  expect(judgeAnswer({ state: 'ready', version: '1.108.11', keys: 1 }, 4007, 4007).seen).toBe(
    'LiteLLM answers on port 4007',
  );
  expect(judgeAnswer({ state: 'other-program', answer: 'HTTP 404' }, 4007, 4009)).toMatchObject({
    status: 'fail',
    code: 'not_litellm',
    seen: 'Another program answers on port 4007: HTTP 404',
    fix: 'Stop it, or use another port: agents-llm up --port 4009',
  });
});

describe('the health of the gateway', () => {
  const ready = { state: 'ready', version: '1.108.11', keys: 1 } as const;
  test.each([
    [undefined, 'skip', 'skip', 'ok'],
    [ready, 'ok', 'ok', 'ok'],
    [{ state: 'silent', code: 'ECONNRESET' }, 'fail', 'skip', 'ok'],
    [{ state: 'starting', status: 503 }, 'fail', 'skip', 'ok'],
    [{ state: 'database-lost' }, 'skip', 'skip', 'ok'],
    [{ state: 'key-refused' }, 'ok', 'fail', 'ok'],
    [{ state: 'other-program', answer: 'HTTP 200' }, 'skip', 'skip', 'fail'],
  ] as const)('judges %j', (health, readiness, masterKey, stranger) => {
    expect(judgeReadiness(health).status).toBe(readiness);
    expect(judgeMasterKey(health).status).toBe(masterKey);
    expect(judgeAnswer(health, 4000, 4001).status).toBe(stranger);
  });
});

test.each([
  [null, 'ok'],
  [{ bind: '127.0.0.1', port: 5432 }, 'warn'],
  [{ bind: '0.0.0.0', port: 5432 }, 'fail'],
] as const)('judges a database published at %j: %s', (published, status) => {
  expect(judgeDatabasePort(published).status).toBe(status);
});

test.each([
  ['127.0.0.1', 'ok'],
  ['127.0.1.1', 'ok'],
  ['0.0.0.0', 'warn'],
] as const)('judges a gateway on %s: %s', (bind, status) => expect(judgeBind(bind).status).toBe(status));

describe('the volume', () => {
  const own = { volume: 'v', mounted: 'v', sharedWith: [] };
  test.each([
    [{ ...own, volume: null, mounted: null }, true, 'skip'],
    [own, true, 'ok'],
    [{ ...own, mounted: null }, false, 'ok'],
    [{ ...own, mounted: null }, true, 'fail'],
    [{ ...own, mounted: 'f'.repeat(64) }, false, 'fail'],
    [{ ...own, sharedWith: ['container x'] }, false, 'fail'],
  ])('judges %j, running %s: %s', (place, runs, status) => expect(judgeVolume(place, runs).status).toBe(status));
});

describe('the certificate of the reverse proxy', () => {
  const tls: TlsSpec = {
    ...{ proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 443, httpPort: 80, image: 'nginx:1' },
    ...{ expires: '2026-03-01T00:00:00.000Z', fingerprint: 'AA', revision: 'r1' },
  };
  const given = { ...tls, source: { certificate: '/c.pem', key: '/k.pem' } };
  test.each([
    [undefined, '2026-01-01', { status: 'skip' }],
    [tls, '2026-01-01', { status: 'ok', seen: 'The certificate for llm.lan is valid until 2026-03-01' }],
    [tls, '2026-02-10', { status: 'warn', fix: 'Create a new one: agents-llm up' }],
    [given, '2026-02-10', { status: 'warn', fix: 'Write a new certificate to /c.pem, then: agents-llm up' }],
    [tls, '2026-03-01', { status: 'fail', code: 'certificate_expired' }],
  ])('judges %j on %s', (found, day, finding) => {
    expect(judgeCertificate(found, Date.parse(day))).toMatchObject(finding);
  });
});

test('only warns of missing data right after the gateway starts', () => {
  const losses = [{ kind: 'alias', name: 'gpt-5', what: 'unreadable', why: 'it is not shown' }] as const;
  expect(judgeLosses([], 0).status).toBe('ok');
  expect(judgeLosses(losses, 59_999)).toMatchObject({ status: 'warn', fix: 'Check again: agents-llm doctor' });
  expect(judgeLosses(losses, 60_000)).toMatchObject({ status: 'fail', code: 'data_lost' });
});

describe('aliases', () => {
  const row = (model_name: string, provider?: string) => ({
    model_name,
    litellm_params: { litellm_credential_name: provider },
    model_info: { id: model_name },
  });

  test('accepts an alias without a provider, but not one with an unknown provider', () => {
    expect(judgeCredentials([row('a'), row('b', 'openai')], [{ credential_name: 'openai' }]).status).toBe('ok');
    expect(judgeCredentials([row('b', 'work')], [])).toEqual({
      status: 'fail',
      code: 'provider_unknown',
      seen: 'b uses provider work, which does not exist',
      fix: 'Add it: agents-llm provider add work --provider PROVIDER --from-env VARIABLE',
    });
  });

  test('accepts several targets that a file names', () => {
    const ofFile = { ...row('a'), model_info: { id: 'a', agents_llm_file: 'shop' } };
    expect(judgeRows([ofFile, ofFile]).status).toBe('ok');
    expect(judgeRows([ofFile, row('a')]).seen).toContain('a has 2 targets');
    const ofLitellm = { ...row('a'), model_info: { id: 'a', db_model: false } };
    expect(judgeRows([ofLitellm, ofLitellm]).status).toBe('ok');
  });

  test('warns of a mock outside CI', () => {
    const mock = { ...row('gpt-5'), litellm_params: { mock_response: 'pong' } };
    expect(judgeMocks([mock, row('b')], false)).toEqual({
      status: 'warn',
      code: null,
      seen: 'gpt-5 answers with a mock instead of a model',
      fix: 'Use a model: agents-llm alias add gpt-5 --target MODEL --provider PROVIDER',
    });
    expect(judgeMocks([mock], true).status).toBe('ok');
    expect(judgeMocks([row('b')], false)).toMatchObject({ status: 'ok', seen: 'No alias answers with a mock' });
  });

  test('keeps control characters in alias names out of the terminal', () => {
    expect(judgeRows([row('a\x1b[2Jb'), row('a\x1b[2Jb')]).seen).toContain('ab has 2 targets');
  });
});

describe('keys', () => {
  const now = Date.UTC(2026, 0, 1);
  const key = (days: number | null, more = {}) => ({
    token: 'f'.repeat(64),
    key_alias: 'k',
    expires: days === null ? null : new Date(now + days * 86_400_000).toISOString(),
    ...more,
  });
  const process = { metadata: { managed_by: 'agents-llm', agents_llm_process: {} } };

  test.each([
    [key(null), 'ok'],
    [key(7.1), 'ok'],
    [key(7), 'warn'],
    [key(-1), 'warn'],
    [key(1, process), 'ok'],
    [key(1, { team_id: 'litellm-dashboard' }), 'ok'],
    [key(1, { key_alias: 'agents-llm-canary-1' }), 'ok'],
  ])('judges the expiry of key %#: %s', (row, status) => expect(judgeExpiry([row], now).status).toBe(status));

  test('names a key without an alias by the start of its hash', () => {
    expect(judgeExpiry([key(1, { key_alias: null })], now).seen).toBe('ffffffffffff expires in 1 d');
    expect(judgeStale([]).status).toBe('ok');
  });

  test.each([
    [[], false, 'ok'],
    [['agents-llm-canary-1'], false, 'warn'],
    [['agents-llm-canary-1'], true, 'skip'],
  ] as const)('judges canaries %j while a command is running %s: %s', (names, isBusy, status) =>
    expect(judgeCanaries(names, isBusy).status).toBe(status),
  );
});

test.each([
  [[], 'ok', /^No other command/],
  [[{ alive: true }], 'ok', /"agents-llm up" \(process 7\) has been running/],
  [[{ alive: false }], 'warn', /process 7 \("up"\)/],
  [[{ alive: false, owner: undefined }], 'warn', /left over from ended processes: lock/],
] as const)('judges locks %#: %s', (locks, status, seen) => {
  const owner = { pid: 7, identity: 'i', command: 'up', since: 'then', token: 't' };
  const found = judgeLocks(locks.map((lock) => ({ path: '/h/lock', owner, ...lock })));
  expect(found.status).toBe(status);
  expect(found.seen).toMatch(seen);
});

test.each([
  [[], 'ok', null],
  [[4001], 'ok', null],
  [[4000, 4001], 'warn', 'Use another port for this stack: agents-llm up --port 4002'],
] as const)('judges other stacks on ports %j: %s', (ports, status, fix) => {
  const others = ports.map((port) => ({ project: `p${port}`, port, runtime: 'docker' as const }));
  expect(judgeNeighbours(others, 4000)).toMatchObject({ status, fix });
});
