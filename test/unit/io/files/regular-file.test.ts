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

describe('readRegular with a regular file', () => {
  it('reads a file up to the limit, also through a link', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, 'x'.repeat(100));
    await symlink(path, `${path}.link`);
    expect([await problem(path), await problem(`${path}.link`)]).toEqual(['read', 'read']);
  });

  it('reads a file whose size the system reports as 0', async () => {
    expect((await readRegular('/proc/self/status', { most: 1e5 })).toString()).toContain('Pid:');
  });
});

describe('readRegular with anything else', () => {
  it('refuses a named pipe without a writer at once', async () => {
    const path = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    expect(await problem(path)).toBe('it is not a regular file');
    await expect(systemFiles.sha256(path)).rejects.toMatchObject({ code: 'ENOTREG' });
    await expect(systemFiles.head(path, 5)).rejects.toMatchObject({ code: 'ENOTREG' });
  });

  it.each(['/dev/zero', '/dev/null'])('refuses the device %s', async (path) => {
    expect(await problem(path)).toBe('it is not a regular file');
  });

  it('refuses a socket', async () => {
    const path = join(await temporaryFolder(), 'socket');
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await problem(path)).toBe('it is not a regular file');
  });

  it('refuses a file that is larger than the limit', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, 'x'.repeat(101));
    expect(await problem(path)).toBe('it is too large');
    await expect(systemFiles.read(path, 100)).rejects.toMatchObject({ code: 'EFBIG' });
  });

  it('refuses a folder and a missing file', async () => {
    const folder = await temporaryFolder();
    expect([await problem(folder), await problem(join(folder, 'none'))]).toEqual(['EISDIR', 'ENOENT']);
  });

  it('refuses a link where links are not allowed', async () => {
    const path = join(await temporaryFolder(), 'link');
    await symlink('/etc/hostname', path);
    await expect(readRegular(path, { ...limits, noLink: true })).rejects.toMatchObject({ code: 'ELOOP' });
  });
});
