import { execFileSync } from 'node:child_process';
import { chown, lstat, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { holdFile } from '../../../../src/io/processes/held-file.ts';
import { noOtherUser, STRANGER } from '../../../support/other-user.ts';
import { itUnless, notOnLinux } from '../../../support/skipping.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agents-llm-held-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  path = join(folder, 'archive.tmp');
  await writeFile(path, '', { mode: 0o600 });
});

describe('a file that is held', () => {
  itUnless(notOnLinux)('takes what is written to it, whatever lies in its place by then', async () => {
    const held = await holdFile(path);
    await rename(path, join(folder, 'ours'));
    await writeFile(join(folder, 'theirs'), '');
    await symlink(join(folder, 'theirs'), path);
    await writeFile(held.path, 'rows');
    await held.close();
    expect([await readFile(join(folder, 'ours'), 'utf8'), await readFile(join(folder, 'theirs'), 'utf8')]).toEqual([
      'rows',
      '',
    ]);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  it('is not one that a link leads to', async () => {
    await symlink(path, `${path}.link`);
    await expect(holdFile(`${path}.link`)).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('is no named pipe', async () => {
    execFileSync('mkfifo', [`${path}.pipe`]);
    await expect(holdFile(`${path}.pipe`)).rejects.toMatchObject({ code: 'ENXIO' });
  });

  itUnless(noOtherUser)('is not one of another user, who could read it', async () => {
    await chown(path, STRANGER, STRANGER);
    await expect(holdFile(path)).rejects.toMatchObject({ code: 'EPERM' });
  });
});
