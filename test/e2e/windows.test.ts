import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';
import { bridgeToEngine, createWindowsCli, type EngineBridge, type WindowsCli } from './support/windows-cli.ts';

const PROJECT = 'e2e-windows';
const PROVIDER_KEY = 'sk-provider-key-0123456789';
const wrapper = process.env.AGENTS_LLM_TEST_WINDOWS;

const missing = wrapper ? undefined : 'AGENTS_LLM_TEST_WINDOWS names no program that runs node.exe';

/** Programs that a hostile repository has in the current folder, where Windows itself looks first. */
const PLANTED = ['docker.exe', 'icacls.exe', 'powershell.exe', 'taskkill.exe', 'whoami.exe'];

/** What an application and an agent see of the gateway. */
const SHOW = `const { OPENAI_BASE_URL, OPENAI_API_KEY, GEMINI_API_KEY } = process.env;
console.log(JSON.stringify({ args: process.argv.slice(2), url: OPENAI_BASE_URL, key: (OPENAI_API_KEY ?? GEMINI_API_KEY)?.slice(0, 3) }));
process.exitCode = 7;
`;

describeOn(onDocker, { missing })('a first day on Windows', () => {
  let cli: WindowsCli;
  let upstream: Upstream;
  let engine: EngineBridge;
  let before: ReturnType<typeof snapshot>;
  let port: string;
  const run = (...args: string[]) =>
    cli.run(args, { DOCKER_HOST: engine.url, MY_KEY: PROVIDER_KEY, AGENTS_LLM_PORT: port });
  const text = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const data = async (...args: string[]) => {
    const { code, json, stderr } = await run(...args, '--json');
    expect(code, `${json.error?.message}\n${stderr}`).toBe(0);
    return json.data;
  };

  beforeAll(async () => {
    before = snapshot();
    onDocker.remove(undefined, PROJECT);
    cli = createWindowsCli(wrapper ?? '', PROJECT);
    for (const name of PLANTED) writeFileSync(join(cli.folder, name), 'not a program');
    upstream = await startUpstream(onDocker);
    engine = await bridgeToEngine();
    port = String(await freePort());
  });

  afterAll(async () => {
    await upstream.close();
    engine.close();
    onDocker.remove(undefined, PROJECT);
    cli.dispose();
    // Wine's own services end some seconds after the last program.
    const deadline = Date.now() + 60_000;
    while (snapshot().processes.length > before.processes.length && Date.now() < deadline) await sleep(500);
    expectNoLeaks(before);
  });

  it('finds nothing wrong before the first up', async () => {
    const { checks } = await data('doctor');
    expect(checks.filter(({ status }: { status: string }) => status === 'fail')).toEqual([]);
  });

  it('writes an example of agents-llm.yaml', async () => {
    expect(await data('init')).toMatchObject({ file: 'agents-llm.yaml' });
  });

  it('applies a file with Windows line endings', async () => {
    const lines = [
      `port: ${port}`,
      'providers:',
      '  openai:',
      '    api_key_env: MY_KEY',
      `    api_base: ${upstream.url}`,
      'aliases:',
      '  gpt-5: { target: openai/gpt-4o, provider: openai }',
    ];
    writeFileSync(join(cli.folder, 'agents-llm.yaml'), `${lines.join('\r\n')}\r\n`);
    const { code, json, stderr } = await run('up', '--trust', '--timeout', '9m', '--json');
    expect(code, stderr).toBe(0);
    expect(json.data).toMatchObject({ change: 'started', url: `http://127.0.0.1:${port}` });
    // Nor that the new folder could not be made private: no program of the current folder was started.
    expect(json.warnings).toEqual([]);
    expect(await data('apply')).toMatchObject({ change: 'unchanged' });
    expect(await data('up')).toMatchObject({ change: 'unchanged' });
  });

  it('shows its state and its logs', async () => {
    expect(await data('status')).toMatchObject({ state: 'ready', models: 1 });
    expect(await text('logs', '-n', '5', 'litellm')).not.toBe('');
  });

  it('adds a provider and an alias', async () => {
    expect(
      await data('provider', 'add', 'work', '--provider', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url),
    ).toMatchObject({ change: 'created' });
    expect(await data('alias', 'add', 'fast', '--target', 'openai/gpt-4o', '--provider', 'work')).toMatchObject({
      change: 'created',
    });
    expect((await data('alias', 'list')).aliases).toHaveLength(2);
  });

  it('writes a virtual key into a dotenv file and keeps its line endings', async () => {
    const file = join(cli.folder, '.env');
    writeFileSync(file, 'MINE=1\r\nOTHER=2\r\n');
    await text('provision-key', '--write-env', '.env');
    const written = readFileSync(file, 'utf8');
    expect(written).toMatch(/^MINE=1\r\nOTHER=2\r\n/);
    expect(written).toMatch(/^OPENAI_API_KEY=sk-/m);
  });

  it('prints the variables for both shells', async () => {
    expect(await text('env', '--shell', 'powershell')).toMatch(/^\$env:OPENAI_API_KEY = 'sk-/m);
    expect(await text('env', '--shell', 'cmd')).toMatch(/^set "OPENAI_API_KEY=sk-/m);
  });

  it('answers a chat', async () => {
    expect(await data('chat', 'say pong')).toMatchObject({ text: 'pong' });
    expect(upstream.seen.at(-1)).toEqual({ key: PROVIDER_KEY, model: 'gpt-4o' });
  });

  it('runs programs and batch files found through PATHEXT', async () => {
    writeFileSync(join(cli.folder, 'show.js'), SHOW);
    // Wine's cmd knows no command with a space in its path.
    writeFileSync(join(cli.programs, 'gemini.cmd'), '@node "%~dp0show.js" %*\r\n');
    writeFileSync(join(cli.programs, 'show.js'), SHOW);
    const seen = { url: `http://127.0.0.1:${port}/v1`, key: 'sk-' };
    for (const program of [['node', 'show.js'], ['gemini']]) {
      const { code, stdout, stderr } = await run('run', '--', ...program, 'a b', 'x&y');
      expect(code, stderr).toBe(7);
      expect(JSON.parse(stdout)).toEqual({ ...seen, args: ['a b', 'x&y'] });
    }
    expect(await run('run', '--', 'nosuch')).toMatchObject({ code: 127, stderr: 'agents-llm: nosuch: not found\n' });
  });

  it('starts a coding agent', async () => {
    const { code, stdout, stderr } = await run('launch', 'gemini', '--', 'a b');
    expect(code, stderr).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ args: expect.arrayContaining(['a b']), key: 'sk-' });
  });

  it('keeps the data after new containers', async () => {
    expect(await data('verify-persistence')).toMatchObject({ losses: [] });
  });

  it('restores a backup', async () => {
    const { file } = await data('backup');
    await data('alias', 'remove', 'fast');
    expect(await data('restore', file, '--force')).toMatchObject({ counts: { aliases: 2 } });
    expect((await data('alias', 'list')).aliases).toHaveLength(2);
  });

  it('restarts, stops and starts', async () => {
    expect(await data('restart')).toMatchObject({ url: `http://127.0.0.1:${port}` });
    expect(await data('down')).toMatchObject({ change: 'stopped' });
    expect(await data('up')).toMatchObject({ change: 'started' });
  });

  it('finds nothing to repair', async () => {
    const { checks } = await data('doctor');
    expect(checks.filter(({ status }: { status: string }) => status === 'fail' || status === 'warn')).toEqual([]);
  });

  it('prints its completion script', async () => {
    expect(await text('completion', 'bash')).toContain('agents-llm');
  });

  it('is deleted with a backup', async () => {
    const deleted = await data('down', '--volumes', '--force');
    expect(deleted).toMatchObject({ change: 'deleted' });
    expect(docker('volume', 'ls', '-q', '--filter', `name=${PROJECT}`)).toBe('');
    expect(existsSync(join(cli.folder, 'AppData/Local/agents-llm', PROJECT, '.env'))).toBe(false);
  });
});
