import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { Checkout } from '../support/checkout.ts';

const lock = '.agents-llm-bootstrap.lock';
const installing = 'agents-llm: Installing packages (first run, about a minute)…';
const reinstalling = 'agents-llm: Installing packages (node_modules does not match package-lock.json)…';
const building = 'agents-llm: Building…';

let checkout: Checkout;

beforeEach(() => {
  checkout = new Checkout();
});

afterEach(() => checkout.remove());

async function built(): Promise<void> {
  expect(await checkout.run(['--version'])).toMatchObject({ exitCode: 0 });
}

describe('on a fresh clone', () => {
  test('installs, builds, and runs the command, with only its result on stdout', async () => {
    const result = await checkout.run(['--version']);
    expect(result).toMatchObject({ exitCode: 0, stdout: packageJson.version, stderr: `${installing}\n${building}` });
    expect(checkout.npmCalls()).toHaveLength(1);
    expect(existsSync(checkout.path(lock))).toBe(false);
  });

  test('works from a subfolder and through a link, as npx does, and passes on the exit code', async () => {
    const link = join(checkout.folder, 'bin/agents-llm');
    symlinkSync(checkout.path('bin/agents-llm.js'), link);
    mkdirSync(checkout.path('docs'));
    const result = await checkout.run(['fail'], { bin: link, cwd: checkout.path('docs') });
    expect(result).toMatchObject({ exitCode: 7, stdout: packageJson.version });
    expect(checkout.npmCalls()).toMatchObject([{ cwd: checkout.root }]);
  });

  test('isolates its npm from the settings of an outer npx, but keeps the registry settings', async () => {
    const env = {
      NODE_ENV: 'production',
      CI: 'true',
      npm_config_omit: 'dev',
      NPM_CONFIG_PRODUCTION: 'true',
      npm_config_package: 'agents-llm',
      npm_config_local_prefix: '/elsewhere',
      'npm_config_package-lock': 'false',
      npm_config_registry: 'https://registry.example',
      'npm_config_//registry.example/:_authToken': 'token',
    };
    expect(await checkout.run(['--version'], { env })).toMatchObject({ exitCode: 0, stdout: packageJson.version });
    const seen = Object.keys(checkout.npmCalls()[0]?.env ?? {}).filter((name) => /^npm_config_/i.test(name));
    expect(seen.sort()).toEqual(['npm_config_//registry.example/:_authToken', 'npm_config_registry']);
  });

  test('two runs at the same time: one installs, the other waits', async () => {
    checkout.npm = { delayMs: 1000 };
    const first = checkout.run(['--version']);
    await until(() => checkout.npmCalls().length === 1);
    const results = await Promise.all([first, checkout.run(['--version'])]);
    expect(results).toMatchObject([
      { exitCode: 0, stdout: packageJson.version },
      { exitCode: 0, stdout: packageJson.version },
    ]);
    expect(results[1].stderr).toBe(
      `agents-llm: Waiting for another run to finish installing or building (process ${first.pid} on ${hostname()})…`,
    );
    expect(checkout.npmCalls()).toHaveLength(1);
  });
});

describe('with packages installed', () => {
  test('uses the packages that `npm ci` installed', async () => {
    symlinkSync(join(import.meta.dirname, '../../node_modules'), checkout.path('node_modules'));
    expect(await checkout.run(['--version'])).toMatchObject({ exitCode: 0, stderr: building });
    expect(checkout.npmCalls()).toEqual([]);
  });

  test.each([
    ['an install was cut short', 'node_modules/.package-lock.json'],
    ['a package was deleted', 'node_modules/rolldown'],
  ])('installs again when %s', async (_, missing) => {
    await built();
    rmSync(checkout.path(missing));
    checkout.write('src/answer.ts', "export const answer = 'the second build';\n");
    expect(await checkout.run(['--version'])).toMatchObject({ exitCode: 0, stderr: `${reinstalling}\n${building}` });
    expect(checkout.npmCalls()).toHaveLength(2);
  });
});

describe('with an existing build', () => {
  beforeEach(built);

  test('does nothing and prints nothing', async () => {
    expect(await checkout.run(['--version'])).toMatchObject({ stdout: packageJson.version, stderr: '' });
  });

  test.each<[string, () => void]>([
    ['a source changes', () => checkout.write('src/answer.ts', 'export const answer = 2;\n')],
    ['a source appears', () => checkout.write('src/commands/up.ts', '')],
    ['package.json changes', () => checkout.write('package.json', readFileSync(checkout.path('package.json'), 'utf8'))],
  ])('builds again when %s', async (_, change) => {
    change();
    expect(await checkout.run(['--version'])).toMatchObject({ exitCode: 0, stderr: building });
    expect(await checkout.run(['--version'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(checkout.npmCalls()).toHaveLength(1);
  });

  test('a process that runs from the earlier build still finds its files', async () => {
    const late = checkout.run(['late']);
    await new Promise((resolve) => late.stdout.once('data', resolve));
    checkout.write('src/answer.ts', "export const answer = 'the second build';\n");
    await built();
    late.stdin.end('go\n');
    expect(await late).toMatchObject({ exitCode: 0, stdout: 'waiting\nthe first build' });
  });

  test('removes builds older than the last one', async () => {
    for (const text of ['second', 'third', 'fourth']) {
      checkout.write('src/answer.ts', `export const answer = '${text}';\n`);
      await built();
    }
    const parts = readdirSync(checkout.path('dist')).map((name) => readFileSync(checkout.path(`dist/${name}`), 'utf8'));
    const texts = parts.flatMap((text) => /answer=`(\w+)`/.exec(text)?.[1] ?? []);
    expect(texts.sort()).toEqual(['fourth', 'third']);
  });
});

describe('a failed installation or build', () => {
  test('shows the npm error first, then how to continue', async () => {
    checkout.npm = { failure: `npm error network request failed\n${'npm error more\n'.repeat(50)}` };
    const { exitCode, stdout, stderr } = await checkout.run(['--version']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    const lines = stderr.split('\n');
    expect(lines[1]).toMatch(/^agents-llm: `npm ci .*` failed \(exit code 1\)$/);
    expect(lines[2]).toBe('agents-llm:   npm error network request failed');
    expect(lines.at(-2)).toBe('agents-llm:   … and 31 more lines');
    expect(lines.at(-1)).toMatch(/^agents-llm: hint: .*registry/);
    expect(lines).toHaveLength(24);
    expect(existsSync(checkout.path('dist'))).toBe(false);
    expect(existsSync(checkout.path(lock))).toBe(false);
  });

  test('reports that npm is missing', async () => {
    rmSync(join(checkout.folder, 'bin/npm'));
    const { exitCode, stderr } = await checkout.run(['--version']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot start npm (ENOENT)');
    expect(stderr).toContain('(npm comes with Node.js)');
  });

  test('names the failing line and leaves no dist', async () => {
    checkout.write('src/main.ts', 'export const = 1;\n');
    const { exitCode, stderr } = await checkout.run(['--version']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('src/main.ts:1:14');
    expect(existsSync(checkout.path('dist'))).toBe(false);
  });

  test('reports that the checkout is not writable', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write anywhere');
    chmodSync(checkout.root, 0o555);
    const { exitCode, stderr } = await checkout.run(['--version']);
    chmodSync(checkout.root, 0o755);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`Cannot install and build in ${checkout.root}`);
    expect(stderr).toContain('hint: use a checkout that you may write to');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends npm too, and the next run starts over', async (signal, code) => {
    checkout.npm = { delayMs: 20_000 };
    const running = checkout.run(['--version']);
    await until(() => checkout.npmCalls().length === 1);
    await sleep(100);
    running.kill(signal);
    expect(await running).toMatchObject({ exitCode: code, stdout: '' });
    expect(() => process.kill(checkout.npmCalls()[0]?.pid ?? 0, 0)).toThrow('ESRCH');
    expect(existsSync(checkout.path(lock))).toBe(false);
    checkout.npm = {};
    await built();
  });
});

describe('a leftover lock', () => {
  test('is taken over when its process has ended', async () => {
    checkout.write(lock, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: new Date().toISOString() }));
    expect(await checkout.run(['--version'])).toMatchObject({ exitCode: 0, stderr: `${installing}\n${building}` });
    expect(readdirSync(checkout.root).filter((name) => name.startsWith(lock))).toEqual([]);
  });

  test('is taken over when its other machine stops refreshing it', async () => {
    checkout.write(lock, JSON.stringify({ pid: 1, host: 'elsewhere', startedAt: new Date().toISOString() }));
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(checkout.path(lock), longAgo, longAgo);
    expect(await checkout.run(['--version'])).toMatchObject({ exitCode: 0, stderr: `${installing}\n${building}` });
  });

  test('is taken over by several processes in turn', async () => {
    checkout.npm = { delayMs: 300 };
    checkout.write(lock, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), startedAt: new Date().toISOString() }));
    const results = await Promise.all([1, 2, 3].map(() => checkout.run(['--version'])));
    expect(results.map(({ stdout }) => stdout)).toEqual(Array(3).fill(packageJson.version));
    expect(checkout.npmCalls()).toHaveLength(1);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}
