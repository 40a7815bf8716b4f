import { chmod, chown, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { filesAs } from '../../../../src/io/files/files.ts';
import type { Self } from '../../../../src/io/files/own-folder.ts';
import { caught } from '../../../support/caught.ts';
import { noOtherUser } from '../../../support/other-user.ts';
import { describeUnless, itUnless } from '../../../support/skipping.ts';

const UID = process.getuid?.() ?? 0;
const STRANGER = 4242;

const self = (changes: Partial<Self> = {}): Self => ({
  uid: UID,
  accounts: { hasUser: async () => true, isPrivateGroup: async () => false },
  isCi: false,
  ...changes,
});

let top: string;
let home: string;

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'agents-llm-own-'));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  home = join(top, 'a', 'home');
  await mkdir(home, { recursive: true, mode: 0o700 });
});

const refused = (path: string, changes?: Partial<Self>) => caught(() => filesAs(self(changes)).requireOwnFolder(path));
const taken = (path: string, changes?: Partial<Self>) =>
  expect(filesAs(self(changes)).requireOwnFolder(path)).resolves.toBeUndefined();

describe('a folder is ours', () => {
  it('when only we can write to it, and to all above it but for the sticky /tmp', () => taken(home));

  it('when it is not there yet', () => taken(join(home, 'not', 'there')));

  it('when a group without others may write to it', async () => {
    await chmod(home, 0o775);
    await taken(home, { accounts: { hasUser: async () => true, isPrivateGroup: async () => true } });
  });

  it('when a link of ours leads to it', async () => {
    await symlink(home, join(top, 'link'));
    await taken(join(top, 'link'));
  });

  itUnless(noOtherUser)(
    'when one above it has the id of nobody here, as a home that a container was given',
    async () => {
      await chown(join(top, 'a'), STRANGER, STRANGER);
      await taken(home, { accounts: { hasUser: async () => false, isPrivateGroup: async () => false } });
    },
  );

  it('whatever is above it in a CI job', async () => {
    await chmod(join(top, 'a'), 0o777);
    await taken(home, { isCi: true });
  });
});

describe('a folder is refused', () => {
  it.each([0o777, 0o722, 0o770])('that others may write to (%o)', async (mode) => {
    await chmod(home, mode);
    const error = await refused(home);
    const octal = mode.toString(8).padStart(4, '0');
    expect([error.code, error.exitCode]).toEqual(['folder_unsafe', 1]);
    expect(error.message).toBe(`Other users can write to ${home} (mode ${octal})`);
    expect(error.hint?.split('\n')[0]).toBe(
      `Take their write access away: chmod ${(mode & 0o002) === 0 ? 'g' : 'go'}-w ${home}`,
    );
    expect(error.details).toMatchObject({ path: home, folder: home, owner: UID, mode: octal });
  });

  it('that others may write to, in a CI job too', async () => {
    await chmod(home, 0o777);
    expect((await refused(home, { isCi: true })).code).toBe('folder_unsafe');
  });

  it('that lies in one that others may write to, whether it is there or not', async () => {
    await chmod(join(top, 'a'), 0o777);
    for (const path of [home, join(top, 'a', 'new')]) {
      const error = await refused(path);
      expect(error.code).toBe('folder_unsafe');
      expect(error.message).toBe(
        `Other users can write to ${join(top, 'a')} (mode 0777) and can therefore replace ${path}`,
      );
    }
  });

  it('that a link in a folder of others leads to', async () => {
    await chmod(join(top, 'a'), 0o777);
    await symlink(join(top, 'a'), join(top, 'link'));
    expect((await refused(join(top, 'link', 'home'))).details).toMatchObject({ path: join(top, 'a') });
  });

  it('that is sticky and open itself, and one inside it is the way out', async () => {
    await chmod(home, 0o1777);
    const error = await refused(home);
    expect([error.code, error.hint]).toEqual([
      'folder_unsafe',
      `Use a folder of your own inside it: AGENTS_LLM_HOME=${join(home, 'agents-llm')}`,
    ]);
  });
});

describeUnless(noOtherUser)('what another user has prepared in a folder such as /tmp', () => {
  beforeEach(() => chmod(top, 0o1777));

  it('is refused when it is a folder', async () => {
    const path = join(top, 'sockets');
    await mkdir(path, { mode: 0o700 });
    await chown(path, STRANGER, STRANGER);
    const error = await caught(() => filesAs(self()).makeOwnFolder(path));
    expect([error.code, error.exitCode]).toEqual(['state_not_ours', 1]);
    expect(error.message).toBe(`${path} belongs to another user (id ${STRANGER}, but you are ${UID})`);
    expect(error.hint).toContain('AGENTS_LLM_HOME=');
    await filesAs(self()).requireOwnFolder(path, STRANGER);
  });

  it('is refused when it is a link, wherever that leads', async () => {
    const path = join(top, 'sockets');
    await symlink(home, path);
    await (await import('node:fs/promises')).lchown(path, STRANGER, STRANGER);
    const error = await caught(() => filesAs(self()).makeOwnFolder(join(path, 'inside')));
    expect([error.code, error.exitCode]).toEqual(['folder_unsafe', 1]);
    expect(error.message).toBe(`${path} is a symbolic link created by another user (id ${STRANGER})`);
    expect(error.hint).toContain(`Remove it: sudo rm ${path}\n`);
  });

  it('is refused when it is above ours', async () => {
    await chown(join(top, 'a'), STRANGER, STRANGER);
    const error = await refused(home);
    expect(error.code).toBe('state_not_ours');
    expect(error.message).toBe(
      `${join(top, 'a')}, above ${home}, belongs to another user (id ${STRANGER}, but you are ${UID})`,
    );
  });
});

it('a new folder is made for us alone', async () => {
  const path = join(home, 'b', 'c');
  await filesAs(self()).makeOwnFolder(path);
  await taken(path);
});
