import { appendFile, chmod, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { logFiles, rotateLog } from '../../../../../src/runtime/native/supervisor/log-rotation.ts';
import { temporaryFolder } from '../../../../support/temporary-folder.ts';

const read = (path: string) => readFile(path, 'utf8');

it('names the files from the oldest to the newest', () => {
  expect(logFiles('/logs/litellm.log')).toEqual(['/logs/litellm.log.2', '/logs/litellm.log.1', '/logs/litellm.log']);
});

it('leaves a small log unchanged, and accepts a missing one', async () => {
  const folder = await temporaryFolder();
  const log = join(folder, 'a.log');
  await rotateLog(log, 4);
  await writeFile(log, 'abc');
  await rotateLog(log, 4);
  expect(await readdir(folder)).toEqual(['a.log']);
  expect(await read(log)).toBe('abc');
});

it('moves a large log aside, and deletes the oldest', async () => {
  const folder = await temporaryFolder();
  const log = join(folder, 'a.log');
  for (const text of ['one.', 'two.', 'three.', 'four.']) {
    await writeFile(log, text);
    await rotateLog(log, 4);
  }
  expect(await read(log)).toBe('');
  expect(await read(`${log}.1`)).toBe('four.');
  expect(await read(`${log}.2`)).toBe('three.');
  expect((await readdir(folder)).length).toBe(3);
});

it('keeps the old logs when it cannot copy, for example on a full disk', async () => {
  const folder = await temporaryFolder();
  const log = join(folder, 'a.log');
  await writeFile(`${log}.1`, 'newer');
  await writeFile(`${log}.2`, 'older');
  // Nor can a folder be copied.
  await mkdir(log);
  await expect(rotateLog(log, 1)).rejects.toThrow();
  expect(await read(`${log}.1`)).toBe('newer');
  expect(await read(`${log}.2`)).toBe('older');
  expect((await readdir(folder)).length).toBe(3);
});

it('continues in the same file for a program that has it open', async () => {
  const log = join(await temporaryFolder(), 'a.log');
  const writer = await open(log, 'a', 0o600);
  await writer.write('before');
  await rotateLog(log, 4);
  await writer.write('after');
  await writer.close();
  expect(await read(log)).toBe('after');
  expect(await read(`${log}.1`)).toBe('before');
});

it('makes rotated logs readable for the owner alone', async () => {
  const log = join(await temporaryFolder(), 'a.log');
  await appendFile(log, 'secret');
  await chmod(log, 0o600);
  await rotateLog(log, 4);
  expect((await stat(`${log}.1`)).mode & 0o777).toBe(0o600);
});
