import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../../../src/context/invocation.ts';
import type { Http } from '../../../../src/io/network/http.ts';
import type { Command, RunResult } from '../../../../src/io/processes/runner.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import {
  chooseRuntime,
  knownRuntime,
  lockFolders,
  type RuntimeChoice,
  rememberedRuntime,
} from '../../../../src/stack/open/choose-runtime.ts';
import { caught } from '../../../support/caught.ts';
import { fakeHttp } from '../../../support/fake-http.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
  // Another lock file than the package's own: what may be installed on this machine is not made from it.
  await mkdir(join(home, 'locks'));
  await writeFile(join(home, 'locks', 'litellm-1.108.11.txt'), 'anyio==4.9.0\n');
});

interface Machine {
  readonly docker?: 'answers' | 'is down' | 'is not there';
  readonly python?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly musl?: boolean;
  readonly platform?: NodeJS.Platform;
}

const OWN = '{"label":["com.docker.compose.project=agents-llm"]}';
const INFO = JSON.stringify({ ID: 'E', OSType: 'linux', Architecture: 'x86_64' });

/** A machine with this Docker and this Python; asks for anything else are refused. */
function machine({ docker = 'is not there', python, env = {}, musl = false, platform = 'linux' }: Machine = {}) {
  const asked: string[] = [];
  const run = async ({ file, args }: Command): Promise<RunResult> => {
    asked.push(file);
    const gone = { outcome: 'not-found', exitCode: -1, stdout: '', stderr: '' } as const;
    const says = (stdout: string) => ({ outcome: 'exited', exitCode: 0, stdout, stderr: '' }) as const;
    if (file === 'docker') {
      if (args.join(' ') !== 'compose version --short') throw new Error(`unexpected: docker ${args.join(' ')}`);
      return docker === 'is not there' ? gone : says('2.26.1\n');
    }
    return file === 'python3' && python ? says(`/usr/bin/python3\n${python}\nTrue\n`) : gone;
  };
  const http: Http =
    docker === 'answers'
      ? fakeHttp([
          { call: 'HEAD http://docker/_ping', answer: { headers: { 'api-version': '1.41' } } },
          { call: 'GET http://docker/v1.41/info', answer: { text: INFO } },
          { call: `GET http://docker/v1.41/containers/json?all=1&filters=${OWN}`, answer: { json: [] } },
        ])
      : { send: async () => ({ ok: false, code: 'ECONNREFUSED' }) };
  const notes: string[] = [];
  const made = fakeInvocation({
    home,
    env: { AGENTS_LLM_HOME: home, AGENTS_LLM_NATIVE_LOCKS: join(home, 'locks'), ...env },
    http,
    runner: { run },
  });
  const invocation: Invocation = {
    ...made,
    context: { ...made.context, isMusl: () => musl, platform },
    progress: { ...made.progress, note: (text) => void notes.push(text) },
  };
  return { invocation, notes, asked };
}

const state = (runtime: 'docker' | 'native', changes = {}) => ({ runtime, port: 4000, bind: '127.0.0.1', ...changes });

describe('a new stack', () => {
  test.each([
    ['the flag', 'native', {}, 'native'],
    ['the flag, which overrides the variable', 'docker', { AGENTS_LLM_RUNTIME: 'native' }, 'docker'],
    ['the variable', undefined, { AGENTS_LLM_RUNTIME: 'native' }, 'native'],
  ] as const)('uses the runtime that %s selects, without probing the machine', async (_, runtime, env, kind) => {
    const { invocation, asked } = machine({ env });
    expect((await chooseRuntime(runtime ? { runtime } : {}, invocation, undefined)).kind).toBe(kind);
    expect(asked).toEqual([]);
  });

  test.each([undefined, 'auto'] as const)('uses Docker when an engine answers: %s', async (runtime) => {
    const { invocation, notes, asked } = machine({ docker: 'answers', python: '3.12.0' });
    expect((await chooseRuntime(runtime ? { runtime } : {}, invocation, undefined)).kind).toBe('docker');
    expect([notes, asked]).toEqual([[], ['docker']]);
  });

  test.each([
    ['is not there', 'docker not found on PATH'],
    ['is down', 'The Docker engine at unix:///var/run/docker.sock is not responding'],
  ] as const)(
    'runs natively when Docker %s, and explains why and what else is possible in one line',
    async (docker, why) => {
      const { invocation, notes } = machine({ docker, python: '3.12.0' });
      expect((await chooseRuntime({}, invocation, undefined)).kind).toBe('native');
      expect(notes).toHaveLength(1);
      expect(notes[0]).not.toContain('\n');
      expect(notes[0]).toMatch(/^Docker is not available \(.*\), so the stack runs natively: /);
      expect(notes[0]).toContain(why);
      expect(notes[0]).toContain('210 MB download, 950 MB on disk');
      expect(notes[0]).toMatch(/To use Docker instead: agents-llm up --runtime docker$/);
    },
  );

  test('requires Docker or Python and says how to install either', async () => {
    const error = await caught(() => chooseRuntime({}, machine({ python: '3.9.2' }).invocation, undefined));
    expect([error.code, error.exitCode]).toEqual(['docker_missing', EXIT.prerequisite]);
    expect(error.hint).toContain('docs.docker.com');
    expect(error.hint).toContain('python3 is 3.9.2');
    expect(error.hint).toContain('apt-get install python3;');
    expect(error.details).toMatchObject({ native: 'python_missing' });
  });

  test('explains why Alpine without Docker cannot run natively', async () => {
    const { invocation } = machine({ python: '3.12.0', musl: true });
    const error = await caught(() => chooseRuntime({}, invocation, undefined));
    expect([error.code, error.details.native]).toEqual(['docker_missing', 'native_unsupported']);
    expect(error.hint).toContain('musl (Alpine)');
    expect(error.hint).not.toContain('Use Docker');
  });

  test('names WSL on Windows while Docker is down', async () => {
    const { invocation } = machine({ docker: 'is down', platform: 'win32' });
    expect(await caught(() => chooseRuntime({}, invocation, undefined))).toMatchObject({
      code: 'engine_unreachable',
      hint: 'Start Docker Desktop\nOr run agents-llm in WSL, which is Linux: wsl --install',
    });
  });

  test.each([{ DOCKER_HOST: 'tcp://10.0.0.1:2375' }, { DOCKER_CONTEXT: 'default' }])(
    'uses only the engine that %j selects',
    async (env) => {
      const { invocation, notes } = machine({ docker: 'is not there', python: '3.12.0', env });
      const error = await caught(() => chooseRuntime({}, invocation, undefined));
      expect([error.code, error.exitCode]).toEqual(['docker_missing', EXIT.prerequisite]);
      expect(notes).toEqual([]);
    },
  );

  test('refuses a variable that does not name a runtime', async () => {
    const { invocation } = machine({ env: { AGENTS_LLM_RUNTIME: 'podman' } });
    const error = await caught(() => chooseRuntime({}, invocation, undefined));
    expect([error.code, error.exitCode, error.hint]).toEqual(['usage', EXIT.usage, 'Use one of: auto, docker, native']);
    expect(error.message).toBe('AGENTS_LLM_RUNTIME: "podman" is not a runtime');
  });
});

describe('an existing stack', () => {
  test.each([
    ['docker', undefined],
    ['native', undefined],
    ['native', 'auto'],
    ['docker', 'docker'],
  ] as const)('stays on %s when %s is requested, without probing the machine', async (runtime, wanted) => {
    const { invocation, asked } = machine({ docker: 'answers', python: '3.12.0' });
    const flags: { runtime?: RuntimeChoice } = wanted ? { runtime: wanted } : {};
    expect((await chooseRuntime(flags, invocation, state(runtime))).kind).toBe(runtime);
    expect(asked).toEqual([]);
  });

  test.each([
    ['docker', 'native', {}, 'AGENTS_LLM_RUNTIME=native agents-llm restore latest'],
    [
      'native',
      'docker',
      { port: 4001, bind: '0.0.0.0' },
      'AGENTS_LLM_RUNTIME=docker AGENTS_LLM_PORT=4001 AGENTS_LLM_BIND=0.0.0.0 agents-llm restore latest',
    ],
  ] as const)(
    'refuses to move from %s to %s in place and names the commands for it',
    async (from, to, changes, last) => {
      const { invocation } = machine();
      const error = await caught(() => chooseRuntime({ runtime: to }, invocation, state(from, changes)));
      expect([error.code, error.exitCode]).toEqual(['runtime_changed', EXIT.prerequisite]);
      expect(error.message).toBe(
        `This stack uses the ${from === 'docker' ? 'Docker' : from} runtime, which cannot be changed in place`,
      );
      expect(error.hint?.split('\n').slice(1)).toEqual(['agents-llm down --volumes --force', last]);
      expect(error.details).toEqual({ runtime: from, wanted: to });
    },
  );

  test.each(['docker', 'native'] as const)('uses %s whatever the variable and the machine say', async (runtime) => {
    const { invocation, asked } = machine({
      env: { AGENTS_LLM_RUNTIME: runtime === 'docker' ? 'native' : 'docker' },
    });
    expect((await knownRuntime(invocation, { runtime })).kind).toBe(runtime);
    expect((await knownRuntime(machine().invocation, { runtime })).kind).toBe(runtime);
    expect(asked).toEqual([]);
  });

  test.each([
    ['native', true],
    ['docker', false],
  ] as const)('is recognised by its folder when its state is invalid: %s', async (kind, hasFolder) => {
    const { invocation } = machine();
    const { paths } = invocation.settings;
    await mkdir(hasFolder ? join(paths.folder, 'native') : paths.folder, { recursive: true });
    await invocation.context.files.write(paths.state, '{', 0o600);
    expect((await rememberedRuntime(invocation)).kind).toBe(kind);
  });
});

describe('a project without a stack', () => {
  test.each([
    ['Docker if an engine answers', { docker: 'answers' }, 'docker'],
    ['the native runtime without Docker', {}, 'native'],
    ['the native runtime if Docker is down', { docker: 'is down' }, 'native'],
    ['the runtime that the variable names', { docker: 'answers', env: { AGENTS_LLM_RUNTIME: 'native' } }, 'native'],
    ['Docker if the variable names it', { env: { AGENTS_LLM_RUNTIME: 'docker' } }, 'docker'],
  ] as const)('uses %s', async (_, given, kind) => {
    expect((await knownRuntime(machine(given).invocation, undefined)).kind).toBe(kind);
  });

  test.each([{ DOCKER_HOST: 'unix:///other.sock' }, { DOCKER_CONTEXT: 'default' }])(
    'fails when the engine that %j selects does not answer',
    async (env) => {
      const error = await caught(() => knownRuntime(machine({ env }).invocation, undefined));
      expect([error.code, error.exitCode]).toEqual(['engine_unreachable', EXIT.prerequisite]);
    },
  );

  test.each([
    ['may be on an engine that is down', '.', 'docker'],
    ['is native if it has native records', 'native', 'native'],
  ] as const)('that still has its secrets %s', async (_, name, kind) => {
    const { invocation } = machine({ docker: 'is down', python: '3.12.0' });
    await mkdir(join(invocation.settings.paths.folder, name), { recursive: true });
    await writeFile(invocation.settings.paths.secrets, '');
    expect((await knownRuntime(invocation, undefined)).kind).toBe(kind);
  });
});

test('searches the lock file folder of the user first', () => {
  const at = (env: Readonly<Record<string, string>>) => lockFolders({ env, cwd: '/here' });
  const ours = at({});
  expect(ours).toHaveLength(1);
  expect(at({ AGENTS_LLM_NATIVE_LOCKS: '/mine' })).toEqual(['/mine', ...ours]);
  expect(at({ AGENTS_LLM_NATIVE_LOCKS: 'mine' })).toEqual(['/here/mine', ...ours]);
});
