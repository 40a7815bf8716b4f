import { describe, expect, it } from 'vitest';
import { accountsBy } from '../../../../src/io/files/accounts.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
ann:x:1000:1000::/home/ann:/bin/bash
bob:x:1001:1001::/home/bob:/bin/bash
eve:x:1002:100::/home/eve:/bin/bash
`;
const GROUP = `root:x:0:
ann:x:1000:
bob:x:1001:eve
users:x:100:
own:x:2000:ann,root
team:x:2001:ann,bob
`;

const accounts = (files: Readonly<Record<string, string>> = {}, answers: Readonly<Record<string, string>> = {}) =>
  accountsBy({
    platform: 'linux',
    read: async (path) => ({ '/etc/passwd': PASSWD, '/etc/group': GROUP, ...files })[path] ?? '',
    ask: async (file, args) => answers[[file, ...args].join(' ')] ?? '',
  });

describe('isPrivateGroup', () => {
  it.each([
    ['the one with the name of its user', 1000, true],
    ['one that a stranger was added to', 1001, false],
    ['one that is the first of a stranger', 100, false],
    ['one with this user and root in it', 2000, true],
    ['one with a stranger in it', 2001, false],
    ["root's own", 0, true],
    ['one without a name, as in a container', 4242, true],
  ])('returns for %s (%i): %s', async (_, gid, isPrivate) => {
    expect(await accounts().isPrivateGroup(gid, 1000)).toBe(isPrivate);
  });

  it.each([
    ['ann:*:5000:', true],
    ['domain users:*:5000:', false],
    ['ann:*:5000:ann,mallory', false],
  ])('returns for %s in a directory service: %s', async (row, isPrivate) => {
    expect(await accounts({}, { 'getent group 5000': row }).isPrivateGroup(5000, 1000)).toBe(isPrivate);
  });

  it('accepts only groups of administrators on macOS, where users share a primary group', async () => {
    const macos = accountsBy({ platform: 'darwin', read: async () => '', ask: async () => '' });
    expect(await Promise.all([0, 80, 20].map((gid) => macos.isPrivateGroup(gid, 501)))).toEqual([true, true, false]);
  });
});

describe('hasUser', () => {
  it('finds a user in the passwd file or in a directory service', async () => {
    const found = accounts({}, { 'id -un 7000': 'carol\n' });
    expect(await Promise.all([1001, 7000, 7001].map((uid) => found.hasUser(uid)))).toEqual([true, true, false]);
  });

  it('finds no user for an id that the kernel does not map', async () => {
    const nobody = `${PASSWD}nobody:x:65534:65534::/:/usr/sbin/nologin\n`;
    const map = (text: string) => accounts({ '/etc/passwd': nobody, '/proc/self/uid_map': text }).hasUser(65_534);
    expect([await map('         0       1000          1\n'), await map('0 0 4294967295\n')]).toEqual([false, true]);
  });
});
