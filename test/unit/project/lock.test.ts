import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Files, systemFiles } from '../../../src/io/files/files.ts';
import { interruption } from '../../../src/model/errors.ts';
import {
  acquireLock,
  clearStaleLock,
  inspectLock,
  type LockDeps,
  type LockOptions,
  type LockOwner,
} from '../../../src/project/lock.ts';
import { caught } from '../../support/caught.ts';
import { fakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const start = '2026-01-01T00:00:00.000Z';
const stale: LockOwner = { pid: 77, identity: 'gone', command: 'up', since: start, token: 'old' };

async function scene(live: Readonly<Record<number, string>> = { 1: 'one', 2: 'two' }) {
  const folder = await temporaryFolder();
  const path = join(folder, 'lock');
  const clock = fakeClock(Date.parse(start));
  const deps = (pid: number, files: LockDeps['files'] = systemFiles): LockDeps => ({
    files,
    clock,
    processes: {
      async identity(id) {
        if (id <= 0) throw new Error(`${id} is no process`);
        return live[id];
      },
    },
    pid,
    randomBytes,
  });
  const waits: LockOwner[] = [];
  const options = (changes: Partial<LockOptions> = {}): LockOptions => ({
    command: 'up',
    waitMs: 1000,
    signal: new AbortController().signal,
    onWait: (owner) => waits.push(owner),
    ...changes,
  });
  return { folder, path, clock, deps, options, waits, owner: async () => JSON.parse(await readFile(path, 'utf8')) };
}

describe('acquireLock', () => {
  it('records its owner in a private file, which release removes', async () => {
    const { path, folder, deps, options, owner } = await scene();
    const lock = await acquireLock(deps(1), path, options({ command: 'restart' }));
    expect(await owner()).toEqual({
      pid: 1,
      identity: 'one',
      command: 'restart',
      since: start,
      token: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await expect(lock.release()).resolves.toBeUndefined();
  });

  it('waits for a live owner, reports it once, and continues when the owner is done', async () => {
    const { path, clock, deps, options, waits } = await scene();
    const first = await acquireLock(deps(1), path, options({ command: 'down' }));
    const second = acquireLock(deps(2), path, options({ waitMs: 60_000 }));
    while (clock.sleeps.length < 5) await setImmediate();
    await first.release();
    await (await second).release();
    expect(waits).toMatchObject([{ pid: 1, command: 'down' }]);
    expect(new Set(clock.sleeps)).toEqual(new Set([200]));
  });

  it('gives up after its timeout and names the owner of the lock', async () => {
    const { path, clock, deps, options, waits, owner } = await scene();
    await acquireLock(deps(1), path, options());
    const error = await caught(() => acquireLock(deps(2), path, options({ waitMs: 500 })));
    expect(error).toMatchObject({ code: 'stack_locked', exitCode: 7, retryable: true });
    expect(error.details).toEqual({ pid: 1, command: 'up', since: start, waitedMs: 500 });
    expect(error.message).toContain('"agents-llm up" (process 1)');
    expect(error.hint).toContain('kill 1');
    expect(clock.sleeps).toEqual([200, 200, 100]);
    expect(waits).toHaveLength(1);
    expect(await owner()).toMatchObject({ pid: 1 });
  });

  it('fails at once when it is told not to wait', async () => {
    const { path, clock, deps, options, waits } = await scene();
    await acquireLock(deps(1), path, options());
    const error = await caught(() => acquireLock(deps(2), path, options({ waitMs: 0 })));
    expect(error).toMatchObject({ code: 'stack_locked', exitCode: 7 });
    expect(error.hint).toContain('Wait until it ends');
    expect([clock.sleeps, waits]).toEqual([[], []]);
  });

  it('stops waiting when it is interrupted', async () => {
    const { path, deps, options, owner } = await scene();
    await acquireLock(deps(1), path, options());
    const controller = new AbortController();
    const onWait = () => controller.abort(interruption('SIGINT'));
    const error = await caught(() => acquireLock(deps(2), path, options({ signal: controller.signal, onWait })));
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130, hint: null });
    expect(await owner()).toMatchObject({ pid: 1 });
  });

  it.each([
    ['a dead process', JSON.stringify(stale)],
    ['a process whose id was used again', JSON.stringify({ ...stale, pid: 2 })],
    ['half a file', JSON.stringify(stale).slice(0, 30)],
    ['an empty file', ''],
    ['an owner that is a group of processes', JSON.stringify({ ...stale, pid: -1 })],
  ])('takes over the lock of %s at once', async (_, text) => {
    const { path, folder, clock, deps, options, waits, owner } = await scene();
    await writeFile(path, text);
    const lock = await acquireLock(deps(1), path, options({ waitMs: 0 }));
    expect(await owner()).toMatchObject({ pid: 1 });
    expect([clock.sleeps, waits]).toEqual([[], []]);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes over from a process that died during its own takeover', async () => {
    const { path, folder, deps, options } = await scene();
    await writeFile(path, JSON.stringify(stale));
    let claims = 0;
    const dying = { ...systemFiles, remove: () => Promise.reject(new Error('killed')) };
    const create: Files['create'] = (name, text, mode) => {
      claims += name === path ? 0 : 1;
      return systemFiles.create(name, text, mode);
    };
    await expect(acquireLock(deps(78, { ...dying, create }), path, options())).rejects.toThrow('killed');
    await expect(acquireLock(deps(79, { ...dying, create }), path, options())).rejects.toThrow('killed');
    expect(claims).toBe(3);
    const lock = await acquireLock(deps(1), path, options({ waitMs: 0 }));
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps a lock that a faster process created meanwhile', async () => {
    const { path, deps, options, owner } = await scene();
    await writeFile(path, JSON.stringify(stale));
    let quick: Promise<unknown> | undefined;
    const slow: LockDeps['files'] = {
      ...systemFiles,
      async create(name, text, mode) {
        // Between having read the dead owner's text and claiming it.
        if (name !== path) quick ??= acquireLock(deps(2), path, options());
        await quick;
        return systemFiles.create(name, text, mode);
      },
    };
    const error = await caught(() => acquireLock(deps(1, slow), path, options()));
    expect(error).toMatchObject({ code: 'stack_locked', exitCode: 7, details: { pid: 2 } });
    expect(error.hint).toContain('kill 2');
    expect(await owner()).toMatchObject({ pid: 2 });
  });

  it.each(Array.from({ length: 6 }, (_, round) => round))(
    'never lets two processes hold the lock (round %i)',
    async () => {
      const { path, folder, deps, options } = await scene();
      await writeFile(path, JSON.stringify(stale));
      let holders = 0;
      let most = 0;
      const work = async () => {
        const lock = await acquireLock(deps(1, jittery()), path, options({ waitMs: 1e9 }));
        most = Math.max(most, ++holders);
        await pause();
        holders--;
        // Some end as killed processes do: without a release, their lock left to be taken over.
        if (Math.random() < 0.3)
          await writeFile(path, JSON.stringify({ ...stale, token: randomBytes(4).toString('hex') }));
        else await lock.release();
      };
      await Promise.all(Array.from({ length: 20 }, work));
      expect(most).toBe(1);
      expect((await readdir(folder)).filter((name) => name !== 'lock')).toEqual([]);
    },
  );

  it('reports that its folder is not writable', async () => {
    const { path, folder, deps, options } = await scene();
    await mkdir(path);
    const error = await caught(() => acquireLock(deps(1), path, options()));
    expect(error).toMatchObject({ code: 'state_unwritable', exitCode: 1, details: { path } });
    expect(error.hint).toContain('AGENTS_LLM_HOME=');
    expect(await readdir(folder)).toEqual(['lock']);
  });
});

describe('release', () => {
  it('keeps the lock of another process', async () => {
    const { path, deps, options, owner } = await scene();
    const lock = await acquireLock(deps(1), path, options());
    await writeFile(path, JSON.stringify({ ...stale, pid: 1, identity: 'one' }));
    await lock.release();
    expect(await owner()).toMatchObject({ token: 'old' });
  });

  it('preserves the result of the command', async () => {
    const { path, deps, options } = await scene();
    const readOnly = Object.assign(new Error('read-only'), { code: 'EROFS' });
    const files = { ...systemFiles, remove: () => Promise.reject(readOnly) };
    const lock = await acquireLock(deps(1, files), path, options());
    await expect(lock.release()).resolves.toBeUndefined();
  });
});

async function pause(): Promise<void> {
  for (let turns = Math.floor(Math.random() * 4); turns >= 0; turns--) await setImmediate();
}

/** The file system of 20 processes: every step may come later than another's. */
function jittery(): LockDeps['files'] {
  return {
    create: (path, text, mode) => pause().then(() => systemFiles.create(path, text, mode)),
    read: (path) => pause().then(() => systemFiles.read(path)),
    remove: (path) => pause().then(() => systemFiles.remove(path)),
  };
}

describe('inspectLock', () => {
  it.each([
    ['nothing', undefined, undefined],
    ['a live owner', { ...stale, pid: 2, identity: 'two' }, { alive: true, owner: { pid: 2 } }],
    ['a dead owner', stale, { alive: false, owner: { pid: 77 } }],
    ['a process id that was used again', { ...stale, pid: 2 }, { alive: false, owner: { pid: 2 } }],
    ['what nobody of ours wrote', 'x', { alive: false, owner: undefined }],
  ])('reports %s without changing anything', async (_, content, expected) => {
    const { path, deps } = await scene();
    if (content !== undefined) await writeFile(path, JSON.stringify(content));
    const found = await inspectLock(deps(1), path);
    if (expected) expect(found).toMatchObject({ path, ...expected });
    else expect(found).toBeUndefined();
    if (content !== undefined) expect(await readFile(path, 'utf8')).toBe(JSON.stringify(content));
  });
});

describe('clearStaleLock', () => {
  it('removes the lock of a dead owner and leaves no files behind', async () => {
    const { path, folder, deps } = await scene();
    await writeFile(path, JSON.stringify(stale));
    await clearStaleLock(deps(1), path);
    expect(await readdir(folder)).toEqual([]);
    await expect(clearStaleLock(deps(1), path)).resolves.toBeUndefined();
  });

  it('keeps the lock of a live owner', async () => {
    const { path, folder, deps } = await scene();
    await writeFile(path, JSON.stringify({ ...stale, pid: 2, identity: 'two' }));
    await clearStaleLock(deps(1), path);
    expect(await readdir(folder)).toEqual(['lock']);
  });
});
