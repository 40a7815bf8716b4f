import { execFileSync } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemFiles } from '../../../../src/io/files/files.ts';
import { readProblem, readRegular } from '../../../../src/io/files/regular-file.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const limits = { most: 100 };

async function problem(path: string): Promise<string> {
  return readRegular(path, limits).then(() => 'read', readProblem);
}

describe('a file is read', () => {
  it('up to its limit, and through a link', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, 'x'.repeat(100));
    await symlink(path, `${path}.link`);
    expect([await problem(path), await problem(`${path}.link`)]).toEqual(['read', 'read']);
  });

  it('also where the system says that it is empty', async () => {
    expect((await readRegular('/proc/self/status', { most: 1e5 })).toString()).toContain('Pid:');
  });
});

describe('is refused at once:', () => {
  it('a named pipe that nobody writes to', async () => {
    const path = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    expect(await problem(path)).toBe('it is not a regular file');
    await expect(systemFiles.sha256(path)).rejects.toMatchObject({ code: 'ENOTREG' });
    await expect(systemFiles.head(path, 5)).rejects.toMatchObject({ code: 'ENOTREG' });
  });

  it.each(['/dev/zero', '/dev/null'])('the device %s', async (path) => {
    expect(await problem(path)).toBe('it is not a regular file');
  });

  it('a socket', async () => {
    const path = join(await temporaryFolder(), 'socket');
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await problem(path)).toBe('it is not a regular file');
  });

  it('a larger one', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, 'x'.repeat(101));
    expect(await problem(path)).toBe('it is too large');
    await expect(systemFiles.read(path, 100)).rejects.toMatchObject({ code: 'EFBIG' });
  });

  it('a folder, and one that is not there', async () => {
    const folder = await temporaryFolder();
    expect([await problem(folder), await problem(join(folder, 'none'))]).toEqual(['EISDIR', 'ENOENT']);
  });

  it('a link, where none may be', async () => {
    const path = join(await temporaryFolder(), 'link');
    await symlink('/etc/hostname', path);
    await expect(readRegular(path, { ...limits, noLink: true })).rejects.toMatchObject({ code: 'ELOOP' });
  });
});
