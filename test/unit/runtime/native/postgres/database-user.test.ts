import { describe, expect, test } from 'vitest';
import type { Command, RunResult } from '../../../../../src/io/processes/runner.ts';
import { EXIT } from '../../../../../src/model/errors.ts';
import { databaseUser, otherUser } from '../../../../../src/runtime/native/postgres/database-user.ts';
import { caught } from '../../../../support/caught.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const ROOT = 'root:x:0:0:root:/root:/bin/bash\n';
const NOBODY = 'nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n';
const POSTGRES = 'postgres:x:104:111:PostgreSQL:/var/lib/postgresql:/bin/bash\n';
const ME = 'me:x:1000:1001:Me,,,:/home/me:/bin/bash\n';
/** What `id` says of user ids that are not in the file. */
function machine(text?: string, ids: Readonly<Record<string, string>> = {}, owner?: number) {
  const run = async ({ args }: Command): Promise<RunResult> => {
    const stdout = ids[args.join(' ')];
    const exitCode = stdout === undefined ? 1 : 0;
    return { outcome: 'exited', exitCode, stdout: `${stdout ?? ''}\n`, stderr: '' };
  };
  const files = {
    ...fakeFiles(text === undefined ? {} : { '/etc/passwd': text }),
    owner: async (path: string) => (path === '/d/pgdata' ? owner : undefined),
  };
  return { files, runner: { run }, signal: new AbortController().signal, data: '/d/pgdata' };
}

test.each([
  ['ourselves', ROOT + NOBODY + ME, 1000, { name: 'me', uid: 1000, gid: 1001 }],
  ['postgres for root', ROOT + NOBODY + POSTGRES, 0, { name: 'postgres', uid: 104, gid: 111 }],
  ['nobody for root if there is no postgres', ROOT + NOBODY, 0, { name: 'nobody', uid: 65_534, gid: 65_533 }],
  [
    'what follows comments and blank lines',
    `# users\n\n${NOBODY}`,
    65_534,
    { name: 'nobody', uid: 65_534, gid: 65_533 },
  ],
])('finds %s', async (_, text, uid, expected) => {
  expect(await databaseUser(machine(text), uid)).toEqual(expected);
});

test('asks the system for a user that only a directory service knows, as on macOS', async () => {
  const given = machine(ROOT + NOBODY, { '-un 501': 'me', '-g 501': '20' });
  expect(await databaseUser(given, 501)).toEqual({ name: 'me', uid: 501, gid: 20 });
});

test.each([
  ['of the unprivileged users', 65_534, 'nobody'],
  ['of postgres', 104, 'postgres'],
  ['of anyone else', 1000, 'postgres'],
])('keeps the owner of the data for root when it is one %s', async (_, owner, name) => {
  const given = machine(ROOT + NOBODY + POSTGRES + ME, {}, owner);
  expect((await databaseUser(given, 0)).name).toBe(name);
  expect(await otherUser(given, 0)).toMatchObject({ uid: name === 'nobody' ? 65_534 : 104 });
});

describe('a system without a usable user', () => {
  test.each([
    ['a user id without a name', ROOT + ME, 4711, 'user id 4711 has no name'],
    ['root without any other', ROOT + ME, 0, 'none of postgres, _postgres, nobody exists'],
    ['a machine without users', undefined, 1000, 'user id 1000 has no name'],
    ['a system without user ids', ROOT, undefined, 'user id undefined has no name'],
  ])('refuses %s', async (_, text, uid, why) => {
    const error = await caught(() => databaseUser(machine(text), uid));
    expect([error.code, error.exitCode]).toEqual(['native_unsupported', EXIT.prerequisite]);
    expect(error.message).toBe(`PostgreSQL needs a system user, but ${why}`);
    expect(error.hint).toContain('--runtime docker');
    expect(error.details).toEqual({ uid: uid ?? null });
  });
});

test('otherUser returns the database user for root, and nothing for others', async () => {
  expect(await otherUser(machine(ROOT + NOBODY), 0)).toEqual({ uid: 65_534, gid: 65_533 });
  expect(await otherUser(machine(), 1000)).toBeUndefined();
  expect(await otherUser(machine(), undefined)).toBeUndefined();
});
