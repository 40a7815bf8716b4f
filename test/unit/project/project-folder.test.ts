import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemFiles } from '../../../src/io/files/files.ts';
import { projectPaths } from '../../../src/model/paths.ts';
import { guardWrite, openProjectFolder, readStateFile } from '../../../src/project/project-folder.ts';
import { caught } from '../../support/caught.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const systemError = (code: string) => Object.assign(new Error(`${code}: refused`), { code });

describe('openProjectFolder', () => {
  it('creates both folders with access for their owner only', async () => {
    const home = join(await temporaryFolder(), 'data', 'agents-llm');
    await openProjectFolder({ files: systemFiles, uid: (await stat('/proc/self')).uid }, projectPaths(home, 'one'));
    for (const folder of [home, join(home, 'one')]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('changes nothing when both folders exist', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, 'one'));
    await writeFile(join(home, 'one', 'state.json'), 'kept');
    await openProjectFolder({ files: systemFiles, uid: undefined }, projectPaths(home, 'one'));
    expect(await systemFiles.read(join(home, 'one', 'state.json'))).toBe('kept');
  });

  it.each(['/home', '/home/one'])('refuses %s when another user owns it', async (foreign) => {
    const files = { makeOwnFolder: async () => {}, owner: async (path: string) => (path === foreign ? 0 : 1000) };
    const error = await caught(() => openProjectFolder({ files, uid: 1000 }, { folder: '/home/one' }));
    expect(error).toMatchObject({
      code: 'state_not_ours',
      exitCode: 1,
      details: { path: foreign, owner: 0, uid: 1000 },
    });
    expect(error.message).toContain(`${foreign} belongs to another user`);
    expect(error.hint).toContain('AGENTS_LLM_HOME=');
  });

  it('skips the owner check on systems without user ids', async () => {
    const files = { makeOwnFolder: async () => {}, owner: async () => 0 };
    await expect(openProjectFolder({ files, uid: undefined }, { folder: '/home/one' })).resolves.toEqual([]);
  });

  describe('openProjectFolder on Windows', () => {
    async function open(existing: readonly string[], closes = true) {
      const closed: string[] = [];
      const there = new Set(existing);
      const warnings = await openProjectFolder(
        {
          files: {
            makeOwnFolder: async (path) => void there.add(path),
            owner: async (path) => (there.has(path) ? 0 : undefined),
          },
          uid: undefined,
          accessLists: { close: async (folder) => closed.push(folder) > 0 && closes },
        },
        { folder: '/home/one' },
      );
      return { closed, warnings };
    }

    it('restricts the topmost folder that it creates, because the others inherit its access list', async () => {
      expect(await open([])).toEqual({ closed: ['/home'], warnings: [] });
      expect(await open(['/home'])).toEqual({ closed: ['/home/one'], warnings: [] });
      expect(await open(['/home', '/home/one'])).toEqual({ closed: [], warnings: [] });
    });

    it('warns when it cannot restrict the access', async () => {
      expect((await open([], false)).warnings).toEqual([
        'Other users of this machine may be able to read /home, because its access list cannot be changed',
      ]);
    });
  });

  it.each([
    ['ENOTDIR', 'in'],
    ['EEXIST', '.'],
  ])('names the folder that it cannot create (%s)', async (system, below) => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const error = await caught(() =>
      openProjectFolder({ files: systemFiles, uid: undefined }, projectPaths(join(file, below), 'one')),
    );
    expect(error).toMatchObject({
      code: 'state_unwritable',
      exitCode: 1,
      details: { path: join(file, below), system },
    });
    expect(error.hint).toContain('AGENTS_LLM_HOME=');
  });
});

describe('guardWrite', () => {
  it('returns the result of the action', async () => {
    expect(await guardWrite('/a', async () => 7)).toBe(7);
  });

  it.each(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENOTSUP'])('explains %s', async (code) => {
    const cause = systemError(code);
    const error = await caught(() => guardWrite('/data/state.json', () => Promise.reject(cause)));
    expect(error).toMatchObject({ code: 'state_unwritable', exitCode: 1, retryable: false, cause });
    expect(error.message).toContain(`/data/state.json cannot be written (${code})`);
    expect(error.hint).toContain('AGENTS_LLM_HOME=');
  });

  it.each(['ENOSPC', 'EDQUOT'])('explains %s', async (code) => {
    const error = await caught(() => guardWrite('/data/state.json', () => Promise.reject(systemError(code))));
    expect(error).toMatchObject({ code: 'state_full', exitCode: 1, retryable: true });
    expect(error.message).toContain(`/data/state.json cannot be written because no space is left (${code})`);
    expect(error.hint).toContain('Free space');
  });

  it('passes on every other error unchanged', async () => {
    const cause = systemError('EIO');
    await expect(guardWrite('/a', () => Promise.reject(cause))).rejects.toBe(cause);
  });
});

describe('readStateFile', () => {
  it('names the file that it cannot read', async () => {
    const folder = await temporaryFolder();
    const error = await caught(() => readStateFile(systemFiles, folder, 'secrets_invalid'));
    expect(error).toMatchObject({ code: 'secrets_invalid', exitCode: 9, details: { path: folder, system: 'EISDIR' } });
    expect(error.hint).toContain(`ls -ld ${folder}`);
  });
});
