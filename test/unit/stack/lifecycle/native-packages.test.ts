import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { renderNative } from '../../../../src/commands/native.ts';
import type { Invocation } from '../../../../src/context/invocation.ts';
import type { Runner } from '../../../../src/io/processes/runner.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { lockedRelease } from '../../../../src/runtime/native/install/locked-release.ts';
import { runNativeInstall, runNativeUninstall } from '../../../../src/stack/lifecycle/native-packages.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { lockText } from '../../../support/lock-text.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A Python that answers and installs nothing. */
const ANSWERS: Runner = {
  run: async () => ({ outcome: 'exited', exitCode: 0, stdout: '/py\n3.12.0\nTrue\n', stderr: '' }),
};
const IMAGE = 'litellm==9.9.9';
let home: string;
let folder: string;

beforeEach(async () => {
  home = await temporaryFolder();
  folder = join(home, 'native', '9.9.9');
  await mkdir(join(home, 'locks'));
  await writeFile(join(home, 'locks', 'litellm-9.9.9.txt'), lockText('9.9.9'));
});

function invoke(changes: Partial<Invocation['context']> = {}, runner?: Runner): Invocation {
  const env = { AGENTS_LLM_HOME: home, AGENTS_LLM_NATIVE_LOCKS: join(home, 'locks') };
  const processes = {
    identity: async (pid: number) => (pid === 11 ? 'start' : undefined),
    signal: () => Promise.reject(new Error('unexpected signal')),
    groupMemory: async () => [],
    hasGroup: () => Promise.reject(new Error('unexpected look at a process group')),
    leftBehind: async () => [],
    listener: () => Promise.reject(new Error('unexpected look for a listener')),
    serves: () => Promise.reject(new Error('unexpected look at a connection')),
    servedBy: () => Promise.reject(new Error('unexpected look at a connection')),
  };
  const made = fakeInvocation({ home, env, ...(runner && { runner }) });
  return { ...made, context: { ...made.context, uid: 1000, processes, ...changes } };
}

/** As an installation leaves it. */
async function installed(invocation: Invocation) {
  const { files } = invocation.context;
  const { sha256: lock } = await lockedRelease(IMAGE, [join(home, 'locks')], files);
  const python = { executable: join(home, 'locks', 'litellm-9.9.9.txt'), version: '3.12.0' };
  const manifest = { schemaVersion: 1, lock, python, sizes: {}, installedAt: '', seconds: 1, bytes: 1 };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'agents-llm.json'), JSON.stringify(manifest));
}

/** A database that runs, as its record says. */
async function running(project: string) {
  const child = { pid: 11, identity: 'start' };
  const record = {
    ...{ supervisor: child, child, status: 'running', restarts: 0, exitCode: 0, error: '', startedAt: 1 },
    ...{ image: IMAGE, version: null, published: null, configuration: '' },
  };
  await mkdir(join(home, project, 'native'), { recursive: true });
  await writeFile(join(home, project, 'native', 'litellm-db.json'), JSON.stringify(record));
}

describe('native install', () => {
  test('changes nothing and runs nothing when the installation is complete', async () => {
    const invocation = invoke();
    await installed(invocation);
    expect(await runNativeInstall({ image: IMAGE }, invocation)).toEqual({
      data: { folder, change: 'unchanged' },
      warnings: [],
    });
  });

  test('refuses a compromised release before it searches for anything', async () => {
    const error = await caught(() => runNativeInstall({ image: 'litellm==1.107.0' }, invoke()));
    expect([error.code, error.exitCode]).toEqual(['version_refused', EXIT.usage]);
    expect(error.hint).toMatch(/\nUse litellm==1\.108\.11$/);
  });

  test('refuses a version without a lock file before it removes anything', async () => {
    const invocation = invoke();
    const image = 'litellm==1.0.0/../..';
    const error = await caught(() => runNativeInstall({ image, force: true }, invocation));
    expect([error.code, error.exitCode]).toEqual(['release_unknown', EXIT.prerequisite]);
    expect(await readdir(home)).toEqual(['locks']);
  });

  test('removes nothing with --force when no Python can install it again', async () => {
    const invocation = invoke(
      {},
      { run: async () => ({ outcome: 'not-found', exitCode: -1, stdout: '', stderr: '' }) },
    );
    await installed(invocation);
    const error = await caught(() => runNativeInstall({ image: IMAGE, force: true }, invocation));
    expect([error.code, error.exitCode]).toEqual(['python_missing', EXIT.prerequisite]);
    expect(existsSync(folder)).toBe(true);
  });

  test('reuses a complete installation by root, but --force installs another one for the user', async () => {
    const given = invoke({}, ANSWERS);
    await installed(given);
    await rename(join(home, 'native'), join(home, 'system'));
    const { files } = given.context;
    const of = (path: string) => path.replace('/var/lib/agents-llm/native', join(home, 'system'));
    const read = (path: string) => files.read(of(path));
    const size = (path: string) => files.size(of(path));
    const invocation = {
      ...given,
      context: { ...given.context, files: { ...files, read, size, mode: async () => 0o755 } },
    };
    const shared = '/var/lib/agents-llm/native/9.9.9';
    expect((await runNativeInstall({ image: IMAGE }, invocation)).data).toEqual({
      folder: shared,
      change: 'unchanged',
    });
    const error = await caught(() => runNativeInstall({ image: IMAGE, force: true }, invocation));
    expect([error.code, error.exitCode]).toEqual(['install_failed', EXIT.prerequisite]);
    // All are looked for at once.
    expect(error.details.path).toContain(join(folder, 'lib/python3.12/site-packages/'));
  });
});

describe('native packages of a running stack', () => {
  beforeEach(async () => {
    await running('shop');
    await mkdir(join(home, 'agents-llm'));
  });

  test.each([
    ['uninstall', (given: Invocation) => runNativeUninstall({}, given), 'or add --force'],
    [
      'install --force',
      (given: Invocation) => runNativeInstall({ image: IMAGE, force: true }, given),
      'then reinstall',
    ],
  ])('are protected from %s', async (_, run, hint) => {
    const invocation = invoke({}, ANSWERS);
    await installed(invocation);
    const error = await caught(() => run(invocation));
    expect([error.code, error.exitCode]).toEqual(['confirmation_needed', EXIT.confirm]);
    expect(error.message).toBe('The native runtime is in use by: shop');
    expect(error.hint).toContain('agents-llm down');
    expect(error.hint).toContain(hint);
    expect(error.details).toEqual({ projects: ['shop'] });
    expect(existsSync(folder)).toBe(true);
  });

  test('are removed by uninstall --force', async () => {
    const invocation = invoke();
    await installed(invocation);
    expect((await runNativeUninstall({ force: true }, invocation)).data.change).toBe('removed');
    expect(existsSync(folder)).toBe(false);
  });
});

describe('native uninstall', () => {
  test('removes all versions but keeps the projects', async () => {
    const invocation = invoke();
    await installed(invocation);
    await mkdir(join(home, 'shop'));
    const installs = join(home, 'native');
    expect(await runNativeUninstall({}, invocation)).toEqual({ data: { folder: installs, change: 'removed' } });
    expect(await readdir(home)).toEqual(['locks', 'shop']);
    expect(await runNativeUninstall({}, invocation)).toEqual({ data: { folder: installs, change: 'unchanged' } });
  });
});

test('prints its result as text', () => {
  expect(renderNative({ folder: '/n/1.2.3', change: 'installed' })).toBe('/n/1.2.3: installed\n');
});
