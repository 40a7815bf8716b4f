import { describe, expect, test } from 'vitest';
import type { Command, RunResult } from '../../../../../src/io/processes/runner.ts';
import { EXIT } from '../../../../../src/model/errors.ts';
import { describePython, findInstaller, withoutPython } from '../../../../../src/runtime/native/install/python.ts';
import { caught } from '../../../../support/caught.ts';

type Pythons = Readonly<
  Record<
    string,
    { readonly version: string; readonly venv?: boolean; readonly platform?: string; readonly whole?: boolean } | string
  >
>;

/** Answers as these Pythons would; a text is what something prints that is none. All else is not there. */
function machine(pythons: Pythons, { uv }: { readonly uv?: string } = {}) {
  const asked: string[] = [];
  const runner = {
    async run({ file }: Command): Promise<RunResult> {
      asked.push(file);
      const found = pythons[file];
      const done = { outcome: 'exited', exitCode: 0, stdout: '', stderr: '' } as const;
      if (file === 'uv' && uv) return { ...done, stdout: uv };
      if (found === undefined) return { ...done, outcome: 'not-found', exitCode: -1 };
      if (typeof found === 'string') return { ...done, stdout: found };
      const { version, venv = true, platform = 'linux-x86_64', whole = true } = found;
      const rows = [`/real/${file}`, version, venv ? 'True' : 'False', platform, whole ? 'True' : 'False'];
      return { ...done, stdout: `${rows.join('\n')}\n` };
    },
  };
  return { asked, options: { runner, env: {}, signal: new AbortController().signal } };
}

test.each(['3.10.0', '3.11.7', '3.12.4', '3.13.1'])('uses python3 when it is %s', async (version) => {
  const { options, asked } = machine({ python3: { version } });
  expect(await findInstaller(undefined, options)).toEqual({
    python: { executable: '/real/python3', version, hasVenv: true, platform: 'linux-x86_64' },
    hasUv: false,
  });
  expect(asked).toEqual(['uv', 'python3']);
});

test('tries the next Python when one is too old, too new or cannot create an environment', async () => {
  const { options } = machine({
    python3: { version: '3.14.0' },
    'python3.13': { version: '3.13.0', venv: false, platform: 'linux-mips' },
    'python3.12': { version: '3.12.0', whole: false },
    'python3.11': { version: '3.11.9' },
  });
  expect((await findInstaller(undefined, options)).python.executable).toBe('/real/python3.11');
});

test.each([
  ['uv can be downloaded for its platform', 'linux-x86_64', undefined],
  ['uv is on the PATH', 'linux-mips', 'uv 0.9.0'],
])('accepts a Python without venv when %s', async (_, platform, uv) => {
  const { options } = machine({ python3: { version: '3.12.0', venv: false, platform } }, uv ? { uv } : {});
  expect(await findInstaller(undefined, options)).toMatchObject({ python: { version: '3.12.0' } });
});

test.each([
  ['uv 0.13.9 (abc 2026-11-01)', true],
  ['uv 0.5.0', true],
  ['uv 1.0.0', true],
  ['uv 0.4.30 (old)', false],
  ['something else', false],
])('uses a uv on the PATH only when it is recent: %s', async (uv, hasUv) => {
  const { options } = machine({ python3: { version: '3.12.0' } }, { uv });
  expect(await findInstaller(undefined, options)).toMatchObject({ hasUv });
});

test('uses the Python that is named, and no other', async () => {
  const { options, asked } = machine({ '/opt/py': { version: '3.13.0' }, python3: { version: '3.12.0' } });
  expect((await findInstaller('/opt/py', options)).python.executable).toBe('/real//opt/py');
  expect(asked).toEqual(['uv', '/opt/py']);
});

describe('findInstaller for root', () => {
  const isUsable = async (path: string) => !path.startsWith('/real/python');

  test('uses the first Python that other users can run, including that of the system', async () => {
    const { options, asked } = machine({ python3: { version: '3.12.0' }, '/usr/bin/python3': { version: '3.11.2' } });
    const found = await findInstaller(undefined, { ...options, isUsable });
    expect(found.python.executable).toBe('/real//usr/bin/python3');
    expect(asked.at(-1)).toBe('/usr/bin/python3');
  });

  test('refuses a Python that other users cannot run, with a hint', async () => {
    const { options } = machine({ python3: { version: '3.12.0' } });
    for (const named of [undefined, 'python3']) {
      expect(await caught(() => findInstaller(named, { ...options, isUsable }))).toMatchObject({
        code: 'python_missing',
        message: 'LiteLLM does not run as root, but no other user can run /real/python3',
        hint: expect.stringContaining('apt-get install python3)'),
        exitCode: EXIT.prerequisite,
        details: { executable: '/real/python3', version: '3.12.0' },
      });
    }
  });
});

describe('findInstaller without a usable Python', () => {
  test.each([
    ['no Python', {}, undefined, 'no Python is on the PATH', []],
    ['not a Python', { python3: 'hello' }, undefined, 'no Python is on the PATH', []],
    ['too old', { python3: { version: '3.9.18' } }, undefined, 'python3 is 3.9.18', ['python3 is 3.9.18']],
    ['too new', { python3: { version: '3.14.1' } }, undefined, 'python3 is 3.14.1', ['python3 is 3.14.1']],
    [
      "Debian's python3-minimal",
      { python3: { version: '3.11.2', whole: false } },
      undefined,
      "python3 has only a part of Python's standard library",
      ["python3 has only a part of Python's standard library"],
    ],
    ['Python 2', { python: { version: '2.7.18' } }, undefined, 'python is 2.7.18', ['python is 2.7.18']],
    [
      'a name that does not exist',
      { python3: { version: '3.12.0' } },
      '/no/py',
      '/no/py cannot be run as a Python',
      [],
    ],
  ])('reports the reason: %s', async (_, pythons: Pythons, named, why, found) => {
    const error = await caught(() => findInstaller(named, machine(pythons).options));
    expect([error.code, error.exitCode]).toEqual(['python_missing', EXIT.prerequisite]);
    expect(error.message).toBe(`LiteLLM needs Python 3.10 to 3.13, but ${why}`);
    expect(error.hint).toContain('apt-get install python3;');
    expect(error.hint).toContain('--python');
    expect(error.details).toEqual({ found, named: named ?? null });
  });

  test('refuses a Python without venv and uv, and names the Debian package', async () => {
    const { options } = machine({ python3: { version: '3.11.2', venv: false, platform: 'linux-mips' } });
    const error = await caught(() => findInstaller(undefined, options));
    expect([error.code, error.exitCode]).toEqual(['python_missing', EXIT.prerequisite]);
    expect(error.message).toBe(
      'uv is not available for linux-mips, and /real/python3 has no ensurepip to install pip with',
    );
    expect(error.hint).toContain('apt-get install python3.11-venv');
  });
});

test('describePython returns nothing for a program that fails', async () => {
  const runner = {
    run: async () => ({ outcome: 'exited', exitCode: 1, stdout: '/x\n3.12.0\nTrue\n', stderr: '' }) as const,
  };
  expect(await describePython('x', { ...machine({}).options, runner })).toBeUndefined();
});

test('ignores modules from elsewhere, but keeps the settings of pip', () => {
  const env = {
    PYTHONHOME: '/h',
    PYTHONPATH: '/p',
    VIRTUAL_ENV: '/v',
    PIP_TARGET: '/t',
    PIP_PREFIX: '/x',
    PIP_ROOT: '/r',
    PIP_USER: '1',
    PIP_INDEX_URL: 'http://mirror/simple',
    HTTPS_PROXY: 'http://proxy',
  };
  expect(withoutPython(env)).toEqual({
    PIP_INDEX_URL: 'http://mirror/simple',
    HTTPS_PROXY: 'http://proxy',
    PYTHONNOUSERSITE: '1',
  });
});
