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

describe('requireOwnFolder with a safe folder', () => {
  it('accepts a folder that only we can write, below the sticky /tmp', () => taken(home));

  it('accepts a folder that does not exist yet', () => taken(join(home, 'not', 'there')));

  it('accepts a folder that a group without other members can write', async () => {
    await chmod(home, 0o775);
    await taken(home, { accounts: { hasUser: async () => true, isPrivateGroup: async () => true } });
  });

  it('accepts a folder behind a link of ours', async () => {
    await symlink(home, join(top, 'link'));
    await taken(join(top, 'link'));
  });

  itUnless(noOtherUser)('accepts a parent whose owner has no account here, as in a container', async () => {
    await chown(join(top, 'a'), STRANGER, STRANGER);
    await taken(home, { accounts: { hasUser: async () => false, isPrivateGroup: async () => false } });
  });

  it('accepts any parent in a CI job', async () => {
    await chmod(join(top, 'a'), 0o777);
    await taken(home, { isCi: true });
  });
});

describe('requireOwnFolder with an unsafe folder', () => {
  it.each([0o777, 0o722, 0o770])('refuses a folder that others can write (%o)', async (mode) => {
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

  it('refuses a folder that others can write, in a CI job too', async () => {
    await chmod(home, 0o777);
    expect((await refused(home, { isCi: true })).code).toBe('folder_unsafe');
  });

  it('refuses a folder below one that others can write, whether it exists or not', async () => {
    await chmod(join(top, 'a'), 0o777);
    for (const path of [home, join(top, 'a', 'new')]) {
      const error = await refused(path);
      expect(error.code).toBe('folder_unsafe');
      expect(error.message).toBe(
        `Other users can write to ${join(top, 'a')} (mode 0777) and can therefore replace ${path}`,
      );
    }
  });

  it('refuses a link that leads into a folder of others', async () => {
    await chmod(join(top, 'a'), 0o777);
    await symlink(join(top, 'a'), join(top, 'link'));
    expect((await refused(join(top, 'link', 'home'))).details).toMatchObject({ path: join(top, 'a') });
  });

  it('refuses a sticky folder that is open itself, and suggests a folder inside it', async () => {
    await chmod(home, 0o1777);
    const error = await refused(home);
    expect([error.code, error.hint]).toEqual([
      'folder_unsafe',
      `Use a folder of your own inside it: AGENTS_LLM_HOME=${join(home, 'agents-llm')}`,
    ]);
  });
});

describeUnless(noOtherUser)('a path prepared by another user in a folder such as /tmp', () => {
  beforeEach(() => chmod(top, 0o1777));

  it('refuses a folder of another user', async () => {
    const path = join(top, 'sockets');
    await mkdir(path, { mode: 0o700 });
    await chown(path, STRANGER, STRANGER);
    const error = await caught(() => filesAs(self()).makeOwnFolder(path));
    expect([error.code, error.exitCode]).toEqual(['state_not_ours', 1]);
    expect(error.message).toBe(`${path} belongs to another user (id ${STRANGER}, but you are ${UID})`);
    expect(error.hint).toContain('AGENTS_LLM_HOME=');
    await filesAs(self()).requireOwnFolder(path, STRANGER);
  });

  it('refuses a link of another user, whatever its target', async () => {
    const path = join(top, 'sockets');
    await symlink(home, path);
    await (await import('node:fs/promises')).lchown(path, STRANGER, STRANGER);
    const error = await caught(() => filesAs(self()).makeOwnFolder(join(path, 'inside')));
    expect([error.code, error.exitCode]).toEqual(['folder_unsafe', 1]);
    expect(error.message).toBe(`${path} is a symbolic link created by another user (id ${STRANGER})`);
    expect(error.hint).toContain(`Remove it: sudo rm ${path}\n`);
  });

  it('refuses a folder below one of another user', async () => {
    await chown(join(top, 'a'), STRANGER, STRANGER);
    const error = await refused(home);
    expect(error.code).toBe('state_not_ours');
    expect(error.message).toBe(
      `${join(top, 'a')}, above ${home}, belongs to another user (id ${STRANGER}, but you are ${UID})`,
    );
  });
});

it('creates a new folder for us alone', async () => {
  const path = join(home, 'b', 'c');
  await filesAs(self()).makeOwnFolder(path);
  await taken(path);
});
