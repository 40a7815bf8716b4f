import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { DEFAULT_IMAGE } from '../../src/model/stack-spec.ts';
import { itWhere } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, recordOf, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-fast';
const PORT = String(await freePort());
const MB = 1e6;

/** Runs without the entry point, then with it, and checks how LiteLLM ends. */
describeOnEach(runtimes)('the entry point of agents-llm', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], { MY_KEY: 'sk-fast-start' });
  const status = async () => (await run('status', '--json')).json.data;
  const memory = async () =>
    (await status()).services.find(({ service }: { service: string }) => service === 'litellm').memoryBytes;
  const log = async () => (await run('logs', 'litellm')).stdout;
  const openApi = async () => {
    const answer = await fetch(`http://127.0.0.1:${PORT}/openapi.json`);
    expect(answer.status).toBe(200);
    return answer.json();
  };
  let plainApi: unknown;
  const inspect = () => JSON.parse(docker('inspect', `${PROJECT}-litellm-1`))[0];

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    upstream = await startUpstream(stack);
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('is not used with --no-fast-start, which up remembers', async () => {
    expect((await run('up', '--port', PORT, '--no-fast-start')).code).toBe(0);
    expect(await status()).toMatchObject({ state: 'ready', fastStart: false });
    if (isDocker) expect(inspect().Config.Entrypoint).not.toContain('python3');
    else expect(recordOf(cli, PROJECT, 'litellm')).toMatchObject({ revision: 'plain' });
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
    expect((await status()).fastStart).toBe(false);
    plainApi = await openApi();
  });

  it('saves 100 MB or more of memory and logs only problems', async () => {
    const plain = await memory();
    const up = await run('up', '--fast-start', '--json');
    expect(up.json.data.change).toBe('started');
    expect(await status()).toMatchObject({ state: 'ready', fastStart: true });
    expect(plain - (await memory())).toBeGreaterThan(100 * MB);
    expect(await log()).not.toContain('agents-llm:');
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
  });

  it('serves the same API', async () => {
    expect(await openApi()).toEqual(plainApi);
  });

  it('writes queued spend before it ends and exits cleanly', async () => {
    expect((await run('provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url)).code).toBe(0);
    const alias = await run('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai');
    expect(alias.code).toBe(0);
    const key = (await run('provision-key')).stdout.trim();
    const answer = await fetch(`http://127.0.0.1:${PORT}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'ping' }] }),
    });
    expect(answer.status).toBe(200);
    await answer.text();
    expect((await run('down')).code).toBe(0);
    if (isDocker) expect(inspect().State.ExitCode).toBe(0);
    const end = (await log()).split('Shutting down').at(-1);
    expect(end).toContain('Application shutdown complete');
    expect(end).not.toContain('Traceback');
    expect((await run('up')).code).toBe(0);
    expect(await stack.sql(cli, PROJECT, 'SELECT count(*) FROM "LiteLLM_SpendLogs" WHERE spend > 0')).toBe('1');
    const spent = 'SELECT count(*) FROM "LiteLLM_VerificationToken" WHERE spend > 0';
    expect(await stack.sql(cli, PROJECT, spent)).toBe('1');
  });

  itWhere(isDocker)('is part of the container definition, so the engine restarts it without our files', async () => {
    expect((await run('up')).code).toBe(0);
    expect(inspect().Mounts).toEqual([]);
    docker('restart', `${PROJECT}-litellm-1`);
    expect((await run('up')).code).toBe(0);
    expect(await log()).not.toContain('agents-llm:');
  });

  itWhere(isDocker)('is not used for an image whose own entry point does more than start LiteLLM', async () => {
    const image = 'agents-llm-test/own-entry-point:v1.108.11';
    const script = ['sh', '-c', 'echo "fetching secrets"; exec litellm "$@"', 'start'];
    const lines = `FROM ${DEFAULT_IMAGE}\nENTRYPOINT ${JSON.stringify(script)}\nCMD ["--port", "4000"]\n`;
    execFileSync('docker', ['build', '-q', '-t', image, '-'], {
      input: lines,
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
    try {
      expect((await run('up', '--image', image)).code).toBe(0);
      expect(await log()).toMatch(
        /Starting LiteLLM by the image's own entry point, because its entry point cannot be read/,
      );
      stack.remove(cli, PROJECT);
    } finally {
      docker('rmi', image);
    }
  });
});
