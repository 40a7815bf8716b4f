import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { COMPOSE, ENGINE, type FakeDocker, fakeDocker } from '../support/fake-docker.ts';
import type { FakeLitellm } from '../support/fake-litellm-state.ts';
import { startBin } from '../support/run-bin.ts';

const BIN = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));
let docker: FakeDocker | undefined;

afterEach(async () => {
  await docker?.dispose();
  docker = undefined;
});

/** Both exit codes of `agents-llm ARGS | READER`, and what was written to stderr. */
async function pipe(args: string, reader: string, env: Readonly<Record<string, string>>) {
  const line = `'${process.execPath}' '${BIN}' ${args} | ${reader}; exit \${PIPESTATUS[0]}`;
  const child = spawn('bash', ['-c', line], { env: { ...env, PATH: `${env.PATH}:${process.env.PATH}` } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

const ID = 'c'.repeat(64);
/** A running gateway with an endless log. */
const RUNNING = {
  ...ENGINE,
  '/containers/json': [{ Id: ID }],
  [`/containers/${ID}/json`]: {
    Id: ID,
    Name: '/agents-llm-litellm-1',
    Created: '2026-01-01T00:00:00Z',
    State: { Status: 'running', ExitCode: 0, StartedAt: '2026-01-01T00:00:00Z' },
    Config: { Image: 'l:1', Env: [], Labels: { 'com.docker.compose.service': 'litellm' } },
    HostConfig: { PortBindings: {} },
  },
};

/** A stack that was made on another engine. */
function stackOf({ folder }: FakeDocker, endpoint = 'unix:///x.sock') {
  const path = join(folder, 'home', 'agents-llm');
  mkdirSync(path, { recursive: true });
  const secrets = 'LITELLM_MASTER_KEY=sk-0123456789abcdef\nLITELLM_SALT_KEY=salt\nPOSTGRES_PASSWORD=pass-word\n';
  writeFileSync(join(path, '.env'), `${secrets}UI_USERNAME=me\nUI_PASSWORD=a-secret-password\n`);
  const state = {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'agents-llm',
    bind: '127.0.0.1',
    port: 4007,
    image: 'l:1',
    databaseImage: 'p:1',
    engine: { endpoint, id: 'E' },
    createdAt: '2026-01-01T00:00:00Z',
  };
  writeFileSync(join(path, 'state.json'), JSON.stringify(state));
}

describe('a reader that has closed the pipe', () => {
  it.each([
    ['--help', 'head -1', /^Usage: agents-llm/],
    ['logs', 'head -1', /line/],
    ['logs -f', 'head -1', /line/],
    ['logs -f --json', 'head -1', /^\{"time"/],
    ['--help', 'true', /^$/],
  ])('%s | %s is no error', async (args, reader, shown) => {
    const time = '2026-01-01T00:00:00Z';
    const follow = { repeats: '2026-01-02T00:00:00Z line\n' };
    docker = await fakeDocker({
      engine: RUNNING,
      cli: {
        ...COMPOSE,
        [`logs --timestamps ${ID}`]: { stdout: `${time} line\n`.repeat(5000) },
        [`logs --timestamps --since ${time} -f ${ID}`]: follow,
      },
    });
    const { code, stdout, stderr } = await pipe(args, reader, docker.env);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(shown);
  });
});

describe('status --watch', () => {
  it('prints each change once when it does not draw and ends with 130', async () => {
    docker = await fakeDocker();
    const watch = startBin(['status', '--watch', '--json'], docker.env);
    const seen = await watch.prints('\n');
    watch.kill('SIGINT');
    const { code, stdout } = await watch.result;
    expect(code).toBe(130);
    expect(JSON.parse(seen)).toEqual({
      schemaVersion: 1,
      command: 'status',
      ok: true,
      data: expect.objectContaining({ state: 'not-created', services: [] }),
      error: null,
      warnings: [],
    });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).ok)).toEqual([true, false]);
    expect(JSON.parse(lines[1] ?? '').error.code).toBe('interrupted');
  });

  it('prints its warnings in text and in JSON', async () => {
    docker = await fakeDocker();
    const other = await fakeDocker({ engine: RUNNING });
    const endpoint = other.env.DOCKER_HOST ?? '';
    stackOf(docker, endpoint);
    for (const flags of [[], ['--json']]) {
      const watch = startBin(['status', '--watch', ...flags], docker.env);
      const seen = await watch.prints('\n');
      watch.kill('SIGINT');
      const { stderr } = await watch.result;
      expect(flags.length === 0 ? [stderr] : JSON.parse(seen).warnings).toEqual([
        expect.stringContaining(`The stack is on ${endpoint}`),
      ]);
    }
    await other.dispose();
  });

  it('ends without an error when the reader has closed the pipe', async () => {
    docker = await fakeDocker();
    expect(await pipe('status --watch', 'true', docker.env)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('rejects the output format for variables', async () => {
    docker = await fakeDocker();
    const { code, stdout, stderr } = await startBin(['status', '--watch', '-o', 'env'], docker.env).result;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: --watch and -o env .*\nhint: .*status --watch -o json/);
  });
});

it('the help of status lists every field of its JSON', async () => {
  docker = await fakeDocker();
  const { stdout } = await startBin(['status', '--json'], docker.env).result;
  const help = await startBin(['status', '--help', '--verbose'], docker.env).result;
  const fields = /data = \{(.*)\}/
    .exec(help.stdout)?.[1]
    ?.replace(/\[[^[\]]*\]/g, '')
    .replace(/\{[^{}]*\}(\|null)?/g, '')
    .split(/: \w*,? ?|, /);
  expect(fields).toEqual(Object.keys(JSON.parse(stdout).data));
});

describe('ui --open', () => {
  it('passes the address to the browser, without a secret', async () => {
    docker = await fakeDocker();
    stackOf(docker);
    const noted = join(docker.folder, 'opened');
    const opener = join(docker.folder, 'bin', 'xdg-open');
    writeFileSync(opener, `#!/bin/sh\nprintf '%s' "$*" > '${noted}'\n`, { mode: 0o755 });
    const env = { ...docker.env, PATH: `${docker.env.PATH}:/bin:/usr/bin` };
    const { code, stdout, stderr } = await startBin(['ui', '--open'], env).result;
    expect([code, stderr]).toEqual([0, '']);
    expect(readFileSync(noted, 'utf8')).toBe('http://127.0.0.1:4007/ui/');
    expect(stdout).not.toContain('a-secret-password');
  });

  it('prints the address when there is no browser', async () => {
    docker = await fakeDocker();
    stackOf(docker);
    const { code, stdout, stderr } = await startBin(['ui', '--open'], docker.env).result;
    expect(code).toBe(0);
    expect(stdout).toContain('http://127.0.0.1:4007/ui/');
    expect(stderr).toContain('Cannot open a browser. Open http');
  });
});

describe('run', () => {
  const start = async (script: string) => {
    const { fake, home, env } = await configureCli();
    fake.state.models.push({ id: 'm', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    return { fake, home, child: startBin(['run', '--', process.execPath, '-e', script], env) };
  };

  it('passes on a signal, waits, and exits as the child does', async () => {
    const { child } = await start(
      "process.on('SIGTERM', () => { console.error('got it'); process.exitCode = 7; clearInterval(t) }); const t = setInterval(() => {}, 1000); console.error('ready')",
    );
    await child.says('ready');
    child.kill('SIGTERM');
    const { code, stderr } = await child.result;
    expect(code).toBe(7);
    expect(stderr.match(/got it/g)).toHaveLength(1);
  });

  it('exits with 128 plus the signal of a killed child', async () => {
    const { child } = await start("process.kill(process.pid, 'SIGKILL')");
    expect((await child.result).code).toBe(137);
  });
});

/** For 5 s after a key was created another process may still be saving it. */
const madeLongAgo = ({ state }: FakeLitellm) => {
  for (const key of state.keys) Object.assign(key, { created_at: new Date(0).toISOString() });
};

describe('provision-key that is interrupted before it saves its key', () => {
  it('finds the alias again and repairs it with --rotate', async () => {
    const { fake, env, run } = await configureCli();
    fake.state.models.push({ id: 'm', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    fake.faults.cutAfter = '/key/generate';
    const cut = await startBin(['provision-key', '--json'], env).result;
    expect([cut.code, JSON.parse(cut.stdout).error.code]).toEqual([8, 'outcome_unknown']);
    madeLongAgo(fake);
    const again = await run(['provision-key', '--json']);
    expect(again.code).not.toBe(0);
    expect(JSON.parse(again.stdout).error.hint).toContain('--rotate');
    const rotated = await run(['provision-key', '--rotate', '--force']);
    expect(rotated.code).toBe(0);
    expect(fake.state.keys.map(({ raw }) => raw)).toEqual([rotated.stdout.trim()]);
  });

  it('waits for the answer with the key, saves the key and ends with 130', async () => {
    const { fake, env, run } = await configureCli();
    fake.state.models.push({ id: 'm', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    fake.faults.before = ({ path }) => {
      if (path !== '/key/generate') return;
      isAsked();
      return held;
    };
    const child = startBin(['provision-key', '--json'], env);
    await asked;
    child.kill('SIGINT');
    setTimeout(goOn, 200);
    const { code, stdout } = await child.result;
    expect([code, JSON.parse(stdout).error.code]).toEqual([130, 'interrupted']);
    expect((await run(['provision-key'])).stdout.trim()).toBe(fake.state.keys[0]?.raw);
    expect(fake.state.keys).toHaveLength(1);
  });

  it('finds the alias again after it was killed', async () => {
    const { fake, env, run } = await configureCli();
    fake.state.models.push({ id: 'm', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    const child = startBin(['provision-key'], env);
    // The key is created, but its answer is never read.
    fake.faults.before = ({ path }) => {
      if (path === '/key/generate') child.kill('SIGKILL');
    };
    expect((await child.result).stdout).toBe('');
    fake.faults.before = () => {};
    expect(fake.state.keys).toHaveLength(1);
    madeLongAgo(fake);
    const again = await run(['provision-key']);
    expect(again).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('--rotate') });
    expect((await run(['provision-key', '--rotate'])).code).toBe(0);
    expect(fake.state.keys).toHaveLength(1);
  });
});
