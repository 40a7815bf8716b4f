import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { valueHash } from '../../src/agents/connect/receipt.ts';
import { selfSigned } from '../../src/stack/tls/self-signed.ts';
import { COMPOSE, ENGINE, type FakeDocker, type FakeDockerOptions, fakeDocker } from '../support/fake-docker.ts';
import { runBin } from '../support/run-bin.ts';

const IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
const DATABASE_IMAGE = 'postgres:16-alpine';
const VOLUME = '/volumes/agents-llm_litellm_pgdata';
const FRESH = { ...ENGINE, [VOLUME]: 404, [`/images/${IMAGE}/json`]: 404, [`/images/${DATABASE_IMAGE}/json`]: {} };
const PORT = ['--port', '4951'];
let docker: FakeDocker | undefined;

afterEach(async () => {
  await docker?.dispose();
  docker = undefined;
});

interface Fault {
  readonly what: string;
  readonly docker: FakeDockerOptions;
  readonly args?: readonly string[];
  readonly env?: (docker: FakeDocker) => Record<string, string>;
  readonly before?: (docker: FakeDocker) => void | Promise<void>;
  readonly code: string;
  readonly exit: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const compose = (answer: object) => ({ cli: { 'compose version --short': answer } });
const pull = (stderr: string) => ({
  cli: { ...COMPOSE, [`pull ${IMAGE}`]: { stderr: `${stderr}\n`, code: 1 } },
  engine: FRESH,
});
const project = (docker: FakeDocker) => join(docker.folder, 'home', 'agents-llm');
const write = (name: string, text: string) => (docker: FakeDocker) => {
  mkdirSync(project(docker), { recursive: true });
  writeFileSync(join(project(docker), name), text);
};

const VARIABLES = ['PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE', 'PGCONNECT_TIMEOUT'].map(
  (name) => `-e ${name}`,
);
const CLIENT = `run --rm -i --name agents-llm-sql-ID --pull never --log-driver none --add-host host.docker.internal:host-gateway ${VARIABLES.join(' ')} --entrypoint psql ${DATABASE_IMAGE} -X -q -A -t -v ON_ERROR_STOP=1 -f -`;
const CERTIFICATE_FILES = ['cert.pem', 'key.pem'].map((name) =>
  join(tmpdir(), `agents-llm-cli-${process.pid}-${name}`),
);
const [CERT = '', KEY = ''] = CERTIFICATE_FILES;
const TLS = ['--tls', 'nginx', '--host', 'llm.lan'];
const CERTIFICATE = [...TLS, '--tls-cert', CERT, '--tls-key', KEY];
const certificate = (host: string, from: number) => async () => {
  const pair = await selfSigned(host, from, Buffer.alloc(16, 7));
  writeFileSync(CERT, pair.certificate);
  writeFileSync(KEY, pair.key);
};
afterAll(() => {
  for (const file of CERTIFICATE_FILES) rmSync(file, { force: true });
});

const FAULTS: readonly Fault[] = [
  {
    what: 'no docker command',
    docker: { cli: false },
    code: 'docker_missing',
    exit: 5,
    message: /docker/,
    hint: /install/i,
  },
  {
    what: 'Compose plugin is not installed',
    docker: compose({ stderr: "docker: unknown command: docker compose\n\nRun 'docker --help'\n", code: 1 }),
    code: 'compose_missing',
    exit: 5,
    message: /Compose plugin is not installed/,
    hint: /Install it/,
  },
  {
    what: 'Compose plugin is not installed, as other CLIs say it',
    docker: compose({ stderr: "unknown shorthand flag: 'f' in -f\n", code: 125 }),
    code: 'compose_missing',
    exit: 5,
    message: /Compose plugin is not installed/,
    hint: /Install it/,
  },
  {
    what: 'a Compose that is too old',
    docker: compose({ stdout: 'v2.20.3\n' }),
    code: 'compose_too_old',
    exit: 5,
    message: /v2\.20\.3 is too old: agents-llm needs 2\.21\.0/,
    hint: /Update it/,
  },
  {
    what: 'no engine on its socket',
    docker: { engine: false },
    code: 'engine_unreachable',
    exit: 5,
    message: /The Docker engine at unix:.*is not responding .*ENOENT/,
    hint: /systemctl start docker|Docker Desktop/,
  },
  {
    what: 'an unknown context',
    docker: {},
    env: () => ({ DOCKER_HOST: '', DOCKER_CONTEXT: 'nowhere' }),
    code: 'docker_context_unknown',
    exit: 5,
    message: /nowhere/,
    hint: /docker context/,
  },
  {
    what: 'an engine for Windows containers',
    docker: { engine: { ...ENGINE, '/info': { ID: 'x', OSType: 'windows', Architecture: 'x86_64' } } },
    code: 'engine_unsupported',
    exit: 5,
    message: /windows/,
    hint: /Linux/,
  },
  {
    what: 'an engine of another architecture',
    docker: { engine: { ...ENGINE, '/info': { ID: 'x', OSType: 'linux', Architecture: 'riscv64' } } },
    code: 'engine_unsupported',
    exit: 5,
    message: /riscv64/,
    hint: /x86_64/,
  },
  {
    what: 'an engine that is out of order',
    docker: { engine: { ...ENGINE, '/containers/json': 503 } },
    code: 'engine_unreachable',
    exit: 5,
    message: /HTTP 503/,
    hint: /./,
  },
  {
    what: 'an engine that cannot answer a question',
    docker: { engine: { ...ENGINE, '/containers/json': 500 } },
    code: 'engine_unsupported',
    exit: 5,
    message: /HTTP 500: status 500/,
    hint: /Update Docker/,
  },
  {
    what: 'an image that does not exist',
    docker: pull(`Error response from daemon: manifest for ${IMAGE} not found: manifest unknown: manifest unknown`),
    args: PORT,
    code: 'image_not_found',
    exit: 5,
    message: /not found in its registry/,
    hint: /--image/,
  },
  {
    what: 'a registry that refuses',
    docker: pull('Error response from daemon: unauthorized'),
    args: PORT,
    code: 'image_refused',
    exit: 5,
    message: /denied access/,
    hint: /docker login ghcr\.io/,
  },
  {
    what: 'a registry out of reach',
    docker: pull('Error response from daemon: Get "https://ghcr.io/v2/": dial tcp: lookup ghcr.io: no such host'),
    args: PORT,
    code: 'registry_unreachable',
    exit: 5,
    message: /Cannot reach the registry/,
    hint: /--pull never/,
  },
  {
    what: 'an image that must not be fetched',
    docker: { engine: FRESH },
    args: [...PORT, '--pull', 'never'],
    code: 'image_missing',
    exit: 5,
    message: /litellm/,
    hint: /./,
  },
  {
    what: 'secrets gone while the volume is there',
    docker: { engine: { ...FRESH, [VOLUME]: { Name: 'agents-llm_litellm_pgdata' } } },
    code: 'secrets_missing',
    exit: 9,
    message: /\.env is missing, but agents-llm_litellm_pgdata contains data/,
    hint: /down --volumes/,
  },
  {
    what: 'a state file cut short',
    docker: {},
    before: write('state.json', '{"schemaVersion": 1, "port": 40'),
    code: 'state_invalid',
    exit: 9,
    message: /state\.json/,
    hint: /mv .*state.json/,
  },
  {
    what: 'a secrets file edited wrongly',
    docker: {},
    before: write('.env', 'LITELLM_MASTER_KEY=sk-1234\nLITELLM_SALT_KEY=salt\nPOSTGRES_PASSWORD=x\n'),
    code: 'secrets_invalid',
    exit: 9,
    message: /LITELLM_MASTER_KEY/,
    hint: /./,
  },
  {
    what: 'a master key in the environment that LiteLLM would refuse',
    docker: { engine: FRESH },
    env: () => ({ LITELLM_MASTER_KEY: 'not-a-key-of-litellm' }),
    args: PORT,
    code: 'usage',
    exit: 2,
    message: /LITELLM_MASTER_KEY/,
    hint: /./,
  },
  {
    what: 'an address of another machine',
    docker: { engine: FRESH },
    env: () => ({ UI_PASSWORD: 'a-good-password' }),
    args: [...PORT, '--bind', '192.0.2.1'],
    code: 'bind_not_local',
    exit: 2,
    message: /192\.0\.2\.1 is not an address of this machine/,
    hint: /0\.0\.0\.0/,
  },
  {
    what: 'the network with the password of the manual',
    docker: { engine: FRESH },
    env: () => ({ UI_PASSWORD: 'admin' }),
    args: [...PORT, '--bind', '0.0.0.0'],
    code: 'bind_needs_password',
    exit: 2,
    message: /its password is well known/,
    hint: /--ui-password generate/,
  },
  {
    what: 'TLS without a name',
    docker: {},
    args: ['--tls', 'nginx', '--self-signed'],
    code: 'usage',
    exit: 2,
    message: /--tls needs --host/,
    hint: /--host NAME/,
  },
  {
    what: 'a certificate that is not there',
    docker: {},
    args: [...TLS, '--tls-cert', '/nonexistent/cert.pem', '--tls-key', '/nonexistent/key.pem'],
    code: 'certificate_missing',
    exit: 2,
    message: /Certificate \/nonexistent\/cert\.pem not found/,
    hint: /--tls-cert/,
  },
  {
    what: 'an expired certificate',
    docker: {},
    before: certificate('llm.lan', Date.UTC(2020, 0, 1)),
    args: CERTIFICATE,
    code: 'certificate_expired',
    exit: 2,
    message: /expired on 2022-04-05/,
    hint: /^Renew the certificate/,
  },
  {
    what: 'a certificate for another name',
    docker: {},
    before: certificate('other.lan', Date.now()),
    args: CERTIFICATE,
    code: 'certificate_other_host',
    exit: 2,
    message: /is valid for other\.lan, .* but not for llm\.lan/,
    hint: /--host/,
  },
  {
    what: 'TLS and an engine on another machine',
    docker: {},
    env: () => ({ DOCKER_HOST: 'tcp://192.0.2.1:2375', DOCKER_CONTEXT: '' }),
    args: [...TLS, '--self-signed', '--runtime', 'docker'],
    code: 'tls_unsupported',
    exit: 5,
    message: /on another machine/,
    hint: /on that machine/,
  },
  {
    what: 'TLS on the native runtime',
    docker: {},
    args: [...TLS, '--self-signed', '--runtime', 'native'],
    code: 'tls_unsupported',
    exit: 5,
    message: /native runtime has no reverse proxy/,
    hint: /--runtime docker/,
  },
  {
    what: 'a database URL whose variable is not set',
    docker: {},
    args: ['--database-url-from-env', 'NOT_SET'],
    code: 'usage',
    exit: 2,
    message: /Environment variable NOT_SET is not set/,
    hint: /postgresql:\/\/USER/,
  },
  {
    what: 'a database URL that leads into the container itself',
    docker: {},
    env: () => ({ MINE: 'postgresql://app:pw@localhost:5432/gateway' }),
    args: ['--database-url-from-env', 'MINE'],
    code: 'usage',
    exit: 2,
    message: /names localhost.*host\.docker\.internal/,
    hint: /Correct it/,
  },
  {
    what: 'a database of the user on the native runtime',
    docker: {},
    env: () => ({ MINE: 'postgresql://app:pw@db:5432/gateway' }),
    args: ['--database-url-from-env', 'MINE', '--runtime', 'native'],
    code: 'database_unsupported',
    exit: 5,
    message: /native runtime has its own/,
    hint: /--runtime docker/,
  },
  {
    what: 'a database that does not answer',
    docker: {
      engine: { ...ENGINE, [VOLUME]: 404, [`/images/${IMAGE}/json`]: {}, [`/images/${DATABASE_IMAGE}/json`]: {} },
      cli: {
        ...COMPOSE,
        [CLIENT]: {
          stderr: 'psql: error: connection to server at "db" (10.0.0.5), port 5432 failed: Connection refused\n',
          code: 2,
        },
      },
    },
    env: () => ({ MINE: 'postgresql://app:pw@db:5432/gateway' }),
    args: [...PORT, '--database-url-from-env', 'MINE'],
    code: 'database_unreachable',
    exit: 5,
    message: /Cannot reach the database: .*Connection refused/,
    hint: /Start the database/,
  },
  {
    what: 'a state folder that is a file',
    docker: {},
    before: (docker) => writeFileSync(join(docker.folder, 'home'), ''),
    code: 'state_unwritable',
    exit: 1,
    message: /home cannot be written/,
    hint: /AGENTS_LLM_HOME/,
  },
];

describe('up with', () => {
  it.each(FAULTS)('$what: $code', async (fault) => {
    docker = await fakeDocker(fault.docker);
    await fault.before?.(docker);
    const env = { ...docker.env, ...fault.env?.(docker) };
    const text = await runBin(['up', ...(fault.args ?? [])], env);
    const json = await runBin(['up', ...(fault.args ?? []), '--json'], env);
    const envelope = JSON.parse(json.stdout);
    expect(envelope).toMatchObject({ command: 'up', ok: false, data: null, error: { code: fault.code } });
    expect(envelope.error.message).toMatch(fault.message);
    expect(envelope.error.hint).toMatch(fault.hint);
    expect([text.code, json.code]).toEqual([fault.exit, fault.exit]);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(`error: ${envelope.error.message}`);
    expect(text.stderr.trimEnd().split('\n').at(-1)).toMatch(/^hint: /);
  });
});

describe('a broken file', () => {
  it.each(['state.json', '.env'])('is left unchanged: %s', async (name) => {
    docker = await fakeDocker();
    write(name, 'broken in a way of its own')(docker);
    for (const command of [['up'], ['status'], ['ui'], ['restart'], ['logs']]) {
      expect((await runBin(command, docker.env)).code, command.join(' ')).toBe(9);
    }
    expect(readFileSync(join(project(docker), name), 'utf8')).toBe('broken in a way of its own');
  });
});

it('logs says that there is no stack instead of printing nothing', async () => {
  docker = await fakeDocker();
  expect(await runBin(['logs'], docker.env)).toEqual({
    code: 10,
    stdout: '',
    stderr: 'error: No stack exists yet\nhint: Create it: agents-llm up\n',
  });
  const { code, stdout } = await runBin(['logs', '--json'], docker.env);
  expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 10, error: 'not_running' });
});

describe('without an engine', () => {
  it.each(['status', 'down', 'logs'])('%s fails with 5', async (command) => {
    docker = await fakeDocker({ engine: false });
    const result = await runBin([command, '--json'], docker.env);
    expect(result.code).toBe(5);
    // `logs` writes lines; its failure is an envelope all the same.
    expect(JSON.parse(result.stdout).error.code).toBe('engine_unreachable');
  });
});

it('deletes the secrets of a stack whose volume is already gone after confirmation', async () => {
  docker = await fakeDocker({ engine: { ...ENGINE, [VOLUME]: 404 } });
  write('.env', 'LITELLM_MASTER_KEY=\n')(docker);
  const asked = await runBin(['down', '--volumes', '--json'], docker.env);
  expect(asked.code).toBe(3);
  expect(JSON.parse(asked.stdout).error).toMatchObject({
    code: 'confirmation_needed',
    hint: expect.stringContaining('--force'),
  });
  expect(asked.stderr).toContain(join(project(docker), '.env'));
});

describe('down --volumes with connected agents', () => {
  const settings = () => join(docker?.folder ?? '', '.claude', 'settings.json');
  const receiptOf = (agent: string) => join('agents', agent, 'receipt.json');
  const receipt = (agent: string, isOwnStack: boolean) => ({
    schemaVersion: 1,
    agent,
    gateway: 'http://127.0.0.1:4000',
    isOwnStack,
    model: 'gpt-5',
    keyAlias: `agent-${agent}`,
    files: [
      { path: settings(), format: 'json', created: true, entries: [{ path: ['model'], hash: valueHash('gpt-5') }] },
    ],
  });

  async function withAgents() {
    const down = 'compose -p agents-llm --project-directory ~/home/agents-llm -f ./docker-compose.yml down -v';
    docker = await fakeDocker({ cli: { ...COMPOSE, [down]: {} }, engine: { ...ENGINE, [VOLUME]: 404 } });
    write('.env', 'LITELLM_MASTER_KEY=\n')(docker);
    for (const [agent, isOwn] of [
      ['claude', true],
      ['codex', false],
    ] as const) {
      mkdirSync(join(project(docker), 'agents', agent), { recursive: true });
      write(receiptOf(agent), JSON.stringify(receipt(agent, isOwn)))(docker);
    }
    mkdirSync(join(docker.folder, '.claude'));
    writeFileSync(settings(), '{"model":"gpt-5"}');
    return docker.env;
  }

  const WARNING =
    'Claude Code is still connected to this stack, and its settings stay as they are. Disconnect it: agents-llm disconnect claude';

  it('names the agents of this stack before it asks', async () => {
    const env = await withAgents();
    const asked = await runBin(['down', '--volumes', '--json'], env);
    expect(JSON.parse(asked.stdout)).toMatchObject({ error: { code: 'confirmation_needed' }, warnings: [WARNING] });
    const { stderr } = await runBin(['down', '--volumes'], env);
    expect(stderr.indexOf(`warning: ${WARNING}\n`)).toBe(0);
    expect((await runBin(['down', '--json'], env)).stdout).not.toContain('still connected');
  });

  it('names an agent whose receipt is damaged', async () => {
    const env = await withAgents();
    if (docker) write(receiptOf('codex'), '{}')(docker);
    const { warnings } = JSON.parse((await runBin(['down', '--volumes', '--json'], env)).stdout);
    expect(warnings).toEqual([WARNING, expect.stringMatching(/^Codex CLI .* agents-llm disconnect codex$/)]);
  });

  it('keeps their receipts so that disconnect works without the stack', async () => {
    const env = await withAgents();
    const deleted = await runBin(['down', '--volumes', '--force', '--json'], env);
    expect(JSON.parse(deleted.stdout)).toMatchObject({ data: { change: 'deleted' }, warnings: [WARNING] });
    const undone = await runBin(['disconnect', 'claude'], env);
    expect(undone).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Disconnected Claude Code\n$/m),
    });
    expect(undone.stdout).not.toContain('Revoke');
    expect(existsSync(settings())).toBe(false);
    expect((await runBin(['down', '--volumes', '--json'], env)).stdout).not.toContain('still connected');
  });
});
