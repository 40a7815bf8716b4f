import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { nativePaths } from '../../../../src/runtime/native/folders/native-paths.ts';
import { proxyUser } from '../../../../src/runtime/native/proxy-user.ts';
import { caught } from '../../../support/caught.ts';

const paths = nativePaths({ folder: '/root/a/one' }, 0);
const other = nativePaths({ folder: '/root/a/two' }, 0);
const FREE = /^(?:6057[89]|605[89]\d|60[6-9]\d\d|61[01]\d\d)$/;

/** `owners` has the owner of each folder that is there. */
function machine(users: readonly number[] = [], owners: Readonly<Record<string, number>> = {}) {
  const passwd = users.map((uid) => `user${uid}:x:${uid}:${uid}::/:/bin/sh\n`).join('');
  const files = {
    read: async (path: string) => (path === '/etc/passwd' ? passwd : undefined),
    owner: async (path: string) => owners[path],
    list: async () => [paths, other].map(({ dataParent }) => dataParent.split('/').at(-1) ?? ''),
  };
  return { files, paths };
}
const uidOf = async (...given: Parameters<typeof machine>) => (await proxyUser(machine(...given), 0))?.uid ?? 0;

describe('proxyUser', () => {
  it('returns no other user unless we are root', async () => {
    expect(await proxyUser(machine(), 1000)).toBeUndefined();
    expect(await proxyUser(machine(), undefined)).toBeUndefined();
  });

  it('returns an unused id with a group of its own', async () => {
    const user = await proxyUser(machine(), 0);
    expect(String(user?.uid)).toMatch(FREE);
    expect(user?.gid).toBe(user?.uid);
  });

  it('returns the same id at each start, and another for each stack', async () => {
    const first = await uidOf();
    expect(await uidOf()).toBe(first);
    expect((await proxyUser({ ...machine(), paths: other }, 0))?.uid).not.toBe(first);
  });

  it('skips ids of users of the machine and of other stacks', async () => {
    const first = await uidOf();
    const second = await uidOf([first]);
    expect(second).not.toBe(first);
    expect(String(second)).toMatch(FREE);
    const third = await uidOf([first], { [other.home]: second });
    expect([first, second]).not.toContain(third);
  });

  it('returns the owner of the folder of the stack, whatever has changed since', async () => {
    expect(await uidOf([], { [paths.home]: 60_999 })).toBe(60_999);
  });

  it('abandons an id that a user has been given', async () => {
    expect(await uidOf([60_999], { [paths.home]: 60_999 })).not.toBe(60_999);
    expect(await uidOf([], { [paths.home]: 0 })).not.toBe(0);
  });

  it('reports when no id is free', async () => {
    const all = Array.from({ length: 606 }, (_, i) => 60_578 + i);
    const error = await caught(() => proxyUser(machine(all), 0));
    expect(error).toMatchObject({
      code: 'native_unsupported',
      message: 'LiteLLM does not run as root, but every user id reserved for it is in use',
      hint: 'Run the command as an ordinary user\nOr use Docker: agents-llm up --runtime docker',
      exitCode: EXIT.prerequisite,
    });
  });
});
