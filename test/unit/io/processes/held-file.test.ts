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

describe('holdFile', () => {
  itUnless(notOnLinux)('writes to the file it opened, even if something else has taken its path', async () => {
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

  it('refuses a link', async () => {
    await symlink(path, `${path}.link`);
    await expect(holdFile(`${path}.link`)).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('refuses a named pipe', async () => {
    execFileSync('mkfifo', [`${path}.pipe`]);
    await expect(holdFile(`${path}.pipe`)).rejects.toMatchObject({ code: 'ENXIO' });
  });

  itUnless(noOtherUser)('refuses a file of another user, who could read it', async () => {
    await chown(path, STRANGER, STRANGER);
    await expect(holdFile(path)).rejects.toMatchObject({ code: 'EPERM' });
  });
});
