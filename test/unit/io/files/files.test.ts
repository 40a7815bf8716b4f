import { mkdir, readdir, stat, statfs, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { systemFiles } from '../../../../src/io/files/files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('read', () => {
  it('returns the text, or undefined when there is no file', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a'), 't\u00e9xt');
    expect(await systemFiles.read(join(folder, 'a'))).toBe('t\u00e9xt');
    expect(await systemFiles.read(join(folder, 'b'))).toBeUndefined();
  });

  it('rejects for every other reason', async () => {
    await expect(systemFiles.read(await temporaryFolder())).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe.each(['write', 'create'] as const)('%s', (method) => {
  it.each([0o600, 0o666])('gives the file the mode %o whatever the umask', async (mode) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a');
    await systemFiles[method](path, 'text', mode);
    expect([await systemFiles.read(path), await modeOf(path)]).toEqual(['text', mode]);
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('accepts a path of more than 300 characters, with spaces and umlauts', async () => {
    const folder = join(await temporaryFolder(), 'Jörg Müller'.repeat(10), 'x y'.repeat(80));
    const path = join(folder, 'state.json');
    expect(path.length).toBeGreaterThan(300);
    await systemFiles.makeFolder(folder);
    await systemFiles[method](path, 'text', 0o600);
    expect([await systemFiles.read(path), await systemFiles.list(folder)]).toEqual(['text', ['state.json']]);
  });

  it('fails when the folder does not exist', async () => {
    const path = join(await temporaryFolder(), 'none', 'a');
    await expect(systemFiles[method](path, 'text', 0o600)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('write', () => {
  it('replaces the text and the mode', async () => {
    const path = join(await temporaryFolder(), 'a');
    await writeFile(path, 'a longer text', { mode: 0o644 });
    await systemFiles.write(path, 'new', 0o600);
    expect([await systemFiles.read(path), await modeOf(path)]).toEqual(['new', 0o600]);
  });

  it('leaves nothing behind when it fails', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'a', 'full'), { recursive: true });
    await expect(systemFiles.write(join(folder, 'a'), 'text', 0o600)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await readdir(folder)).toEqual(['a']);
    expect(await readdir(join(folder, 'a'))).toEqual(['full']);
  });

  it('shows a reader either the old text or the new one', async () => {
    const path = join(await temporaryFolder(), 'a');
    const texts = ['a', 'b'].map((letter) => letter.repeat(100_000));
    await systemFiles.write(path, texts[0] ?? '', 0o600);
    let writing = true;
    const write = async () => {
      for (let i = 0; i < 20; i++) await systemFiles.write(path, texts[i % 2] ?? '', 0o600);
      writing = false;
    };
    const read = async () => {
      while (writing) expect(texts.includes((await systemFiles.read(path)) ?? 'none')).toBe(true);
    };
    await Promise.all([write(), read(), read()]);
  });
});

describe('create', () => {
  it('returns whether it created the file, and never replaces one', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a');
    expect(await systemFiles.create(path, 'first', 0o600)).toBe(true);
    expect(await systemFiles.create(path, 'second', 0o600)).toBe(false);
    expect(await systemFiles.read(path)).toBe('first');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('counts a dangling link as an existing file', async () => {
    const folder = await temporaryFolder();
    await symlink(join(folder, 'nowhere'), join(folder, 'a'));
    expect(await systemFiles.create(join(folder, 'a'), 'text', 0o600)).toBe(false);
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('lets one of many callers win, and shows a reader the whole text', async () => {
    const path = join(await temporaryFolder(), 'a');
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(10_000));
    const won = await Promise.all(
      texts.map(async (text) => {
        const mine = await systemFiles.create(path, text, 0o600);
        expect(texts).toContain(await systemFiles.read(path));
        return mine;
      }),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await systemFiles.read(path)).toBe(texts[won.indexOf(true)]);
  });
});

describe('folders', () => {
  it('creates a folder and its parents for the owner alone', async () => {
    const folder = await temporaryFolder();
    await systemFiles.makeFolder(join(folder, 'a', 'b'));
    await systemFiles.makeFolder(join(folder, 'a', 'b'));
    expect([await modeOf(join(folder, 'a')), await modeOf(join(folder, 'a', 'b'))]).toEqual([0o700, 0o700]);
  });

  it('returns the owner of a folder', async () => {
    const folder = await temporaryFolder();
    expect(await systemFiles.owner(folder)).toBe(process.getuid?.());
    expect(await systemFiles.owner(join(folder, 'none'))).toBeUndefined();
  });

  it('renames and removes a folder with everything in it', async () => {
    const folder = await temporaryFolder();
    await systemFiles.makeFolder(join(folder, 'a', 'b'));
    await systemFiles.rename(join(folder, 'a'), join(folder, 'c'));
    expect(await readdir(folder)).toEqual(['c']);
    await systemFiles.remove(join(folder, 'c'));
    await systemFiles.remove(join(folder, 'c'));
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('mode and chmod', () => {
  it('returns and sets the permissions', async () => {
    const path = join(await temporaryFolder(), 'a');
    expect(await systemFiles.mode(path)).toBeUndefined();
    await writeFile(path, '', { mode: 0o644 });
    expect(await systemFiles.mode(path)).toBe(0o644);
    await systemFiles.chmod(path, 0o600);
    expect([await systemFiles.mode(path), await modeOf(path)]).toEqual([0o600, 0o600]);
  });
});

describe('freeBytes', () => {
  it('returns what the system reports', async () => {
    const folder = await temporaryFolder();
    const { bavail, bsize, blocks } = await statfs(folder);
    const free = await systemFiles.freeBytes(folder);
    expect(free).toBeLessThanOrEqual(blocks * bsize);
    expect(Math.abs(Number(free) - bavail * bsize)).toBeLessThan(0.1 * blocks * bsize);
    await expect(systemFiles.freeBytes(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is unknown for a file system without a size, such as /proc and some network file systems', async () => {
    expect(await systemFiles.freeBytes('/proc')).toBeUndefined();
  });
});
