import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { machine } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { UV_VERSION, uvWheel } from '../../src/runtime/native/install/uv-wheel.ts';
import { lockText } from '../support/lock-text.ts';
import { itUnless } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { startPackageIndex } from './support/package-index.ts';
import { describeOn, onNative, stacks } from './support/stack-under-test.ts';
import { installUv } from './support/uv.ts';

const PROJECT = 'e2e-native-install';
const TINY = ['native', 'install', '--image', 'litellm==9.9.9', '--json'];
const onlyRoot = process.getuid?.() === 0 ? undefined : 'only root may mount a small disk';
const PROGRAMS = fileURLToPath(new URL('../../dist/native', import.meta.url));
const LOCK = new URL('../../templates/native/litellm-1.108.11.txt', import.meta.url);
/** No package has that hash. */
const OTHER = lockText('9.9.9');
/** Root's installation belongs to the whole machine, so tests must not change it. */
const stack = stacks.findLast(({ runtime }) => runtime === 'native') ?? onNative;

// Uses a real Python and real packages: each test uses the state from the previous one.
describeOn(stack)('an installation without Docker', () => {
  let cli: Cli;
  let locks: string;
  /** The current folder, with modules and settings of another project. */
  let project: string;
  let uv: string;
  let before: ReturnType<typeof snapshot>;
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    cli.run(['-p', PROJECT, ...args], { AGENTS_LLM_NATIVE_LOCKS: locks, ...env }, project);
  const installed = () => join(cli.home, 'native', '1.108.11');
  const site = () => {
    const lib = join(installed(), 'lib');
    return join(lib, readdirSync(lib).find((name) => name.startsWith('python3')) ?? '', 'site-packages');
  };
  /** The packages that are not as their wheels had them. */
  const damaged = () => {
    const { status, stderr } = spawnSync('python3', [join(PROGRAMS, 'discard_damaged.py'), site()], {
      encoding: 'utf8',
    });
    return [status, stderr];
  };
  const lockTiny = (text: string) => writeFileSync(join(locks, 'litellm-9.9.9.txt'), text);

  beforeAll(() => {
    before = snapshot();
    cli = createCli(stack);
    const root = dirname(cli.home);
    locks = join(root, 'locks');
    mkdirSync(locks);
    project = join(root, 'project');
    mkdirSync(project);
    for (const name of ['platform', 'venv', 'pip', 'random']) {
      writeFileSync(join(project, `${name}.py`), 'raise SystemExit(42)\n');
    }
    writeFileSync(join(project, 'pyproject.toml'), '[tool.prisma]\nbinary_cache_dir = 42\n');
    writeFileSync(join(project, 'uv.toml'), 'index-url = 42\n');
    // Another lock file prevents the use of an existing installation on this machine.
    writeFileSync(join(locks, 'litellm-1.108.11.txt'), `${readFileSync(LOCK, 'utf8')}# Another one.\n`);
    uv = installUv(root);
  });

  afterAll(() => {
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('reports that the index cannot be reached', async () => {
    lockTiny(OTHER);
    const env = { PIP_INDEX_URL: 'http://127.0.0.1:1/simple', UV_HTTP_RETRIES: '0' };
    const byOwn = await run(TINY, env);
    const byTheirs = await run(TINY, { ...env, PATH: `${uv}:${process.env.PATH}` });
    for (const { code, json } of [byOwn, byTheirs]) expect([code, json.error?.code]).toEqual([5, 'install_failed']);
    expect(byOwn.json.error.message).toBe(`Downloading uv ${UV_VERSION} failed: the package index cannot be reached`);
    expect(byTheirs.json.error.message).toBe('Installing packages with uv failed: the package index cannot be reached');
  });

  it('reports a lost network during a download', async () => {
    const index = await startPackageIndex({
      uv: uvWheel(`${process.platform}-${machine()}`)?.file ?? '',
      isLost: true,
    });
    lockTiny(OTHER);
    const env = { PIP_INDEX_URL: index.url, UV_HTTP_RETRIES: '0' };
    const byOwn = await run(TINY, env);
    const byTheirs = await run(TINY, { ...env, PATH: `${uv}:${process.env.PATH}` });
    await index.close();
    for (const { code, json } of [byOwn, byTheirs]) expect([code, json.error?.code]).toEqual([5, 'install_failed']);
    expect(byOwn.json.error.message).toBe(`Downloading uv ${UV_VERSION} failed: the package index cannot be reached`);
    expect(byTheirs.json.error.message).toBe('Installing packages with uv failed: the package index cannot be reached');
    expect(existsSync(join(cli.home, 'native', '9.9.9', 'agents-llm.json'))).toBe(false);
  });

  it('rejects a wrong hash, also with pip, which it names when the index has no uv', async () => {
    const index = await startPackageIndex();
    lockTiny(OTHER);
    for (const path of ['', `${uv}:`]) {
      const failed = await run(TINY, { PIP_INDEX_URL: index.url, PATH: `${path}${process.env.PATH}` });
      expect([failed.code, failed.json.error?.code]).toEqual([5, 'install_failed']);
      expect(failed.json.error.message).toContain('does not have the hash that the lock file names');
      expect(/so pip installs the packages, which takes longer$/m.test(failed.stderr)).toBe(path === '');
    }
    await index.close();
    expect(existsSync(join(cli.home, 'native', '9.9.9', 'agents-llm.json'))).toBe(false);
  });

  it('does not run a uv with a wrong hash', async () => {
    const index = await startPackageIndex({ uv: uvWheel(`${process.platform}-${machine()}`)?.file ?? '' });
    const failed = await run(TINY, { PIP_INDEX_URL: index.url });
    await index.close();
    expect([failed.code, failed.json.error?.code]).toEqual([5, 'install_failed']);
    expect(failed.json.error.message).toBe(
      `Downloading uv ${UV_VERSION} failed: a package does not have the hash that the lock file names`,
    );
    expect(existsSync(join(cli.home, 'native', '9.9.9', 'uv', 'bin', 'uv'))).toBe(false);
  });

  for (const [during, size, step] of [
    ['uv comes', '20m', 'Downloading uv'],
    ['the packages come', '90m', 'Installing packages with uv'],
  ] as const)
    itUnless(onlyRoot)(`reports a full disk while ${during}`, async () => {
      const disk = join(dirname(cli.home), 'disk');
      mkdirSync(disk, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
      try {
        if (stack.user) chownSync(disk, stack.user.uid, stack.user.gid);
        const full = await run(['native', 'install', '--json'], { AGENTS_LLM_HOME: join(disk, 'home') });
        expect([full.code, full.json.error?.code]).toEqual([5, 'install_failed']);
        expect(full.json.error.message).toMatch(new RegExp(`^${step}.* failed: no space is left on the disk$`));
      } finally {
        execFileSync('umount', [disk]);
      }
    });

  it('uses its own uv despite an old one and read-only caches, and reports the size', async () => {
    const old = join(dirname(cli.home), 'old');
    mkdirSync(old);
    writeFileSync(join(old, 'uv'), '#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.4.30" || exit 99\n', { mode: 0o755 });
    const caches = { UV_CACHE_DIR: '/proc/none', XDG_CACHE_HOME: '/proc/none' };
    const made = await run(['native', 'install', '--json'], { ...caches, PATH: `${old}:${process.env.PATH}` });
    expect(made.json.data).toEqual({ folder: installed(), change: 'installed' });
    expect(made.stderr).toMatch(
      /Installing LiteLLM 1\.108\.11 and PostgreSQL 16 to .* \(210 MB download, 950 MB on disk/,
    );
    expect(made.stderr).toContain(`Downloading uv ${UV_VERSION}`);
    expect(made.stderr).toContain('Installing packages with uv');
    expect(made.stderr).toMatch(/Installed in \d+ s \(\d{3} MB\)/);
    expect(existsSync(join(installed(), 'uv'))).toBe(false);
    expect(damaged()).toEqual([0, '']);
    expect((await run(['native', 'install', '--json'])).json.data.change).toBe('unchanged');
  });

  it('is repaired only where it is damaged', async () => {
    const files = ['litellm/proxy/proxy_server.py', 'anyio/__init__.py'].map((path) => join(site(), path));
    const whole = files.map((file) => readFileSync(file, 'utf8'));
    for (const file of files) truncateSync(file, 10);
    const made = await run(['native', 'install', '--json']);
    expect(made.json.data.change).toBe('installed');
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(whole);
    expect(damaged()).toEqual([0, '']);
  });

  it('continues after kill -9 in each of its steps', async () => {
    expect((await run(['native', 'uninstall'])).code).toBe(0);
    const steps = [
      ...['Downloading uv', 'Creating the Python environment', 'Installing packages'],
      ...['Generating the database client', 'Compiling packages', 'Setting file permissions'],
    ];
    for (const step of steps) {
      const { child, result } = cli.start(['native', 'install'], { AGENTS_LLM_NATIVE_LOCKS: locks });
      let told = '';
      child.stderr?.on('data', (text) => {
        told += text;
      });
      await expect.poll(() => told, { timeout: 240_000, interval: 20 }).toContain(step);
      child.kill('SIGKILL');
      expect((await result).code).toBe(137);
      expect(existsSync(join(installed(), 'agents-llm.json'))).toBe(false);
    }
    expect((await run(['native', 'install', '--json'])).json.data.change).toBe('installed');
    expect(damaged()).toEqual([0, '']);
  });

  it('runs a stack that reports read-only data and starts when the data is writable again', async () => {
    expect((await run(['up', '--port', String(await freePort())])).code).toBe(0);
    expect((await run(['down'])).code).toBe(0);
    const data = stack.volume(cli, PROJECT);
    chmodSync(data, 0o500);
    const failed = await run(['up', '--json']);
    chmodSync(data, 0o700);
    expect([failed.code, failed.json.error?.code]).toEqual([7, 'service_failed']);
    expect(failed.json.error.message).toBe('litellm-db failed: it has no permission to write to its data directory');
    expect(failed.json.error.details.log.join('\n')).toContain('Permission denied');
    expect((await run(['up', '--json'])).json.data?.change).toBe('started');
  });

  it('stays while a stack uses it and is removed after the stack', async () => {
    const refused = await run(['native', 'uninstall', '--json']);
    expect([refused.code, refused.json.error?.code]).toEqual([3, 'confirmation_needed']);
    expect(refused.json.error.details).toEqual({ projects: [PROJECT] });
    expect((await run(['down', '--volumes', '--no-backup', '--force'])).code).toBe(0);
    const gone = await run(['native', 'uninstall', '--json']);
    expect(gone.json.data).toEqual({ folder: join(cli.home, 'native'), change: 'removed' });
    expect(existsSync(join(cli.home, 'native'))).toBe(false);
  });
});
