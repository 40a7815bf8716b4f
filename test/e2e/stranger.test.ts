import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Stranger, startStranger } from '../support/stranger-on-port.ts';
import { type Cli, type CliResult, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, describeOnEach, onDocker, onNative, stacks } from './support/stack-under-test.ts';

const PROJECT = 'e2e-stranger';
const PROVIDER_KEY = 'sk-of-a-provider-0123456789';
const REGISTER = fileURLToPath(new URL('../../dist/register.js', import.meta.url));
/** One after the other, each stack here is served on it. */
const PORT = String(await freePort());

/** Shows the output when it fails. */
async function succeeds(running: Promise<CliResult>): Promise<void> {
  const { code, stdout, stderr } = await running;
  expect(code, `${stdout}${stderr}`).toBe(0);
}
const isRoot = process.getuid?.() === 0;

/** Commands that call the gateway, and therefore exit with the code for a port in use. */
const ADMIN: readonly (readonly string[])[] = [
  ['provision-key'],
  ['provision-key', '--rotate', '--force'],
  ['env'],
  ['run', 'true'],
  ['setup', '--from-env', 'OPENAI_API_KEY', '--target', 'openai/gpt-4o'],
  ['key', 'list'],
  ['key', 'revoke', 'agents-service'],
  ['alias', 'list'],
  ['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai'],
  ['alias', 'remove', 'gpt-5', '--force'],
  ['provider', 'list'],
  ['provider', 'add', 'openai', '--provider', 'openai', '--from-env', 'OPENAI_API_KEY'],
  ['provider', 'test', 'openai', '--model', 'openai/gpt-4o'],
  ['provider', 'remove', 'openai', '--force'],
  ['apply'],
  ['apply', '--dry-run'],
  ['ui'],
];
/** Commands that inspect or start the stack, with their possible exit codes. */
const OTHERS: readonly (readonly [readonly string[], readonly number[]])[] = [
  [['status'], [7, 10]],
  [['doctor'], [6]],
  [['doctor', '--fix'], [6]],
  [['verify-persistence'], [6, 7, 10]],
  [
    ['verify-persistence', '--no-restart'],
    [6, 7, 10],
  ],
  [['__complete', '--', '-p', PROJECT, 'alias', 'remove', ''], [0]],
  [['__complete', '--', '-p', PROJECT, 'key', 'revoke', ''], [0]],
  [['up', '--timeout', '1m'], [6]],
  [['restart', '--timeout', '1m'], [6]],
  [['status'], [7]],
  [['doctor'], [6]],
  [['provision-key'], [6]],
  // When the gateway does not start, the new key is used at its next start.
  [
    ['rotate-master-key', '--timeout', '1m'],
    [0, 6, 7],
  ],
];

if (!isRoot) test.skip('another program on the port of a stack (only root can play another user)', () => {});
else {
  describeOnEach(stacks)('another program on the port of a stack', (stack) => {
    const url = `http://127.0.0.1:${PORT}`;
    let cli: Cli;
    let before: ReturnType<typeof snapshot>;
    let stranger: Stranger | undefined;
    const run = (args: readonly string[], env = {}) =>
      cli.run(
        ['-p', PROJECT, ...args],
        { OPENAI_API_KEY: PROVIDER_KEY, AGENTS_LLM_TRUST: '1', ...env },
        join(cli.home, PROJECT),
      );
    const savedKeys = () => {
      const folder = join(cli.home, PROJECT, 'keys');
      const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
      return names.map((name) => String(JSON.parse(readFileSync(join(folder, name), 'utf8')).key));
    };
    const expectNothingSent = () => {
      // The other program saw only a connection.
      expect(stranger?.received()).not.toMatch(/authorization/i);
      const secrets = [...Object.values(cli.secretsOf(PROJECT)), ...savedKeys(), PROVIDER_KEY];
      for (const secret of secrets.filter((value) => value.length > 5)) {
        expect(stranger?.received()).not.toContain(secret);
      }
    };
    const taken = () => ({
      code: 'port_taken',
      message: expect.stringContaining(`Port ${PORT} on 127.0.0.1 is already in use by`),
      hint: expect.stringContaining(`agents-llm -p ${PROJECT} up --port`),
      // Only root sees more than the owner of another user's program.
      details: {
        port: Number(PORT),
        bind: '127.0.0.1',
        holder: stack.user ? 'a program of user 65533' : `process ${stranger?.pid} (node)`,
      },
    });

    beforeAll(async () => {
      before = snapshot();
      cli = createCli(stack);
      await succeeds(cli.run(['-p', PROJECT, 'up', '--port', PORT]));
      await succeeds(run(['provision-key', '--allow-missing-models']));
      writeFileSync(join(cli.home, PROJECT, 'agents-llm.yaml'), 'keys:\n  of-a-file:\n    models: [gpt-5]\n');
      expect(savedKeys()).toHaveLength(1);
    });
    afterAll(async () => {
      await stranger?.stop();
      stack.remove(cli, PROJECT);
      expectNoLeaks(before);
      cli.dispose();
    });

    it('a stopped stack is reported only as stopped while its port is free', async () => {
      await succeeds(run(['down']));
      const { code, json } = await run(['provision-key', '--json']);
      expect([code, json.error]).toMatchObject([
        10,
        { code: 'not_running', hint: expect.stringContaining(`agents-llm -p ${PROJECT} up`) },
      ]);
      stranger = await startStranger(PORT);
    });

    it.each(ADMIN.map((args) => [args.join(' '), args] as const))(
      '%s sends no request to it and names it',
      async (_, args) => {
        const { code, stdout, stderr } = await run([...args, ...(args[0] === 'run' ? [] : ['--json'])]);
        expect(code, stderr).toBe(6);
        if (args[0] === 'run') expect(stderr).toContain(`Port ${PORT} on 127.0.0.1 is already in use`);
        else expect(JSON.parse(stdout).error).toMatchObject(taken());
        expect(stranger?.received()).toBe('');
      },
    );

    it.each([
      ['LITELLM_MASTER_KEY', () => ({ LITELLM_MASTER_KEY: cli.secretsOf(PROJECT).LITELLM_MASTER_KEY })],
      ['LITELLM_BASE_URL', () => ({ LITELLM_BASE_URL: url })],
      [
        'both',
        () => ({
          LITELLM_BASE_URL: `http://localhost:${PORT}/v1`,
          LITELLM_MASTER_KEY: cli.secretsOf(PROJECT).LITELLM_MASTER_KEY,
        }),
      ],
    ])("%s with the stack's own values does not send a request to it", async (_, env) => {
      const { code, json } = await run(['key', 'list', '--json'], env());
      expect([code, json.error]).toMatchObject([6, { code: 'port_taken' }]);
      expect(stranger?.received()).toBe('');
    });

    it('the library sends no request to it', async () => {
      const { LITELLM_MASTER_KEY } = cli.secretsOf(PROJECT);
      const library = { AGENTS_LLM_PROJECT_NAME: PROJECT, OPENAI_API_KEY: undefined };
      const script = `import('${REGISTER.replace('register', 'index')}').then(({ provisionVirtualKey }) => provisionVirtualKey()).catch(({ code, exitCode }) => { console.log(code); process.exitCode = exitCode })`;
      const { code, stdout } = await cli.node(['-e', script], library);
      expect([code, stdout]).toEqual([6, 'port_taken\n']);
      const named = { ...library, LITELLM_MASTER_KEY, LITELLM_BASE_URL: url };
      const preload = await cli.node(['--import', REGISTER, '-e', '1'], named);
      expect([preload.code, preload.stderr]).toEqual([6, expect.stringContaining('is already in use')]);
      expect(stranger?.received()).toBe('');
    });

    it.each(OTHERS.map(([args, codes]) => [args.join(' '), args, codes] as const))(
      '%s sends no secret to it',
      async (_, args, codes) => {
        const { code, stdout, stderr } = await run(args);
        expect(codes, `${stdout}${stderr}`).toContain(code);
        expect(`${stdout}${stderr}`).not.toContain('77 keys');
        expect(`${stdout}${stderr}`).not.toMatch(/ready at|: ready|belongs to the gateway/);
        expectNothingSent();
      },
    );
  });
}

describeOn(onDocker, onNative)('a container on the port of a native stack', () => {
  const container = 'e2e-holder';
  let cli: Cli;
  beforeAll(() => {
    cli = createCli(onNative);
    const project = ['--label', 'com.docker.compose.project=shop'];
    docker(
      'run',
      '-d',
      '--name',
      container,
      ...project,
      '-p',
      `127.0.0.1:${PORT}:4000`,
      '--entrypoint',
      'sleep',
      'postgres:16-alpine',
      '300',
    );
  });
  afterAll(() => {
    docker('rm', '-f', '-v', container);
    cli.dispose();
  });

  it('is named instead of the program that forwards to it', async () => {
    const { code, json } = await cli.run(['-p', 'e2e-holder', 'up', '--port', PORT, '--json']);
    expect([code, json.error]).toMatchObject([
      6,
      { code: 'port_taken', details: { holder: `container ${container} (project shop)` } },
    ]);
    expect(json.error.hint).toContain(`docker stop ${container}`);
    expect(JSON.stringify(json)).not.toMatch(/kill|docker-proxy/);
  });
});

describeOn(onDocker)('a stack with a paused container', () => {
  const project = 'e2e-paused';
  let cli: Cli;
  const run = (...args: string[]) => cli.run(['-p', project, ...args]);
  beforeAll(async () => {
    cli = createCli(onDocker);
    await succeeds(run('up', '--port', PORT));
  });
  afterAll(() => {
    onDocker.remove(cli, project);
    cli.dispose();
  });

  it.each(['litellm', 'litellm-db'])('%s reports at once that it must be unpaused', async (service) => {
    const container = `${project}-${service}-1`;
    docker('pause', container);
    try {
      for (const args of [
        ['up'],
        ['restart'],
        ['provision-key'],
        ['key', 'list'],
        ['verify-persistence', '--no-restart'],
      ]) {
        const { code, json } = await run(...args, '--json');
        const error = {
          code: 'service_failed',
          message: `${service} is paused`,
          hint: `Resume it: docker unpause ${container}`,
        };
        expect([args, code, json.error]).toMatchObject([args, 7, error]);
      }
      const status = await run('status', '--json');
      expect([status.code, status.json.data.state, status.json.data.reason]).toEqual([
        7,
        'paused',
        `${service} is paused: docker unpause ${container}`,
      ]);
      const doctor = await run('doctor', '--json');
      const checks = doctor.json.data.checks as readonly { id: string; status: string; fix: string | null }[];
      expect([doctor.code, checks.find(({ id }) => id === 'services')]).toMatchObject([
        7,
        { status: 'fail', fix: `docker unpause ${container}` },
      ]);
      expect(checks.filter(({ id, status }) => status === 'fail' && ['port', 'responder'].includes(id))).toEqual([]);
    } finally {
      docker('unpause', container);
    }
  });
});
