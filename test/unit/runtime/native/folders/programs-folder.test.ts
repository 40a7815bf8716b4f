import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemFiles } from '../../../../../src/io/files/files.ts';
import { settlePrograms } from '../../../../../src/runtime/native/folders/programs-folder.ts';
import { temporaryFolder } from '../../../../support/temporary-folder.ts';

async function source() {
  const folder = await temporaryFolder();
  const from = join(folder, 'dist');
  await mkdir(join(from, 'bin'), { recursive: true });
  await writeFile(join(from, 'hash'), 'abc\n');
  await writeFile(join(from, 'engine.wasm.br'), 'text');
  await writeFile(join(from, 'bin', 'engine'), 'text', { mode: 0o755 });
  return { from, installs: join(folder, 'native') };
}

test('copies the programs once, named by their content', async () => {
  const { from, installs } = await source();
  const target = await settlePrograms(from, installs, systemFiles);
  expect(target).toBe(join(installs, 'programs-abc'));
  expect(await readFile(join(target, 'bin', 'engine'), 'utf8')).toBe('text');
  await writeFile(join(target, 'bin', 'engine'), 'kept');
  expect(await settlePrograms(from, installs, systemFiles)).toBe(target);
  expect(await readFile(join(target, 'bin', 'engine'), 'utf8')).toBe('kept');
});

test.each([
  ['is cut off', (path: string) => truncate(path, 2)],
  ['is missing', (path: string) => rm(path)],
] as const)('replaces copies of which a file %s', async (_, damage) => {
  const { from, installs } = await source();
  const target = await settlePrograms(from, installs, systemFiles);
  for (const path of ['engine.wasm.br', 'bin/engine']) {
    await damage(join(target, path));
    expect(await settlePrograms(from, installs, systemFiles)).toBe(target);
    expect(await readFile(join(target, path), 'utf8')).toBe('text');
  }
  expect(await readdir(installs)).toEqual(['programs-abc']);
});

test('lets no other user write to the copies, and replaces copies that others could write', async () => {
  const { from, installs } = await source();
  for (const path of [from, join(from, 'bin'), join(from, 'bin', 'engine')]) await chmod(path, 0o777);
  const target = await settlePrograms(from, installs, systemFiles);
  const modes = () =>
    Promise.all(['', 'hash', 'bin', 'bin/engine'].map(async (name) => (await stat(join(target, name))).mode & 0o777));
  expect(await modes()).toEqual([0o755, 0o644, 0o755, 0o755]);
  await writeFile(join(target, 'bin', 'engine'), 'theirs');
  await chmod(join(target, 'bin', 'engine'), 0o777);
  expect(await settlePrograms(from, installs, systemFiles)).toBe(target);
  expect(await modes()).toEqual([0o755, 0o644, 0o755, 0o755]);
  expect(await readFile(join(target, 'bin', 'engine'), 'utf8')).toBe('text');
  expect(await readdir(installs)).toEqual(['programs-abc']);
});

test('leaves one folder and nothing else when many copy at once', async () => {
  const { from, installs } = await source();
  const found = await Promise.all(Array.from({ length: 8 }, () => settlePrograms(from, installs, systemFiles)));
  expect(new Set(found).size).toBe(1);
  expect(await readdir(installs)).toEqual(['programs-abc']);
});

test('leaves nothing behind when the disk is full', async () => {
  const { from, installs } = await source();
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  const files = {
    ...systemFiles,
    async copy(_: string, to: string) {
      await mkdir(to);
      throw full;
    },
  };
  await expect(settlePrograms(from, installs, files)).rejects.toBe(full);
  expect(await readdir(installs)).toEqual([]);
});
