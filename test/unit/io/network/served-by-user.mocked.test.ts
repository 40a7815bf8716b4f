import { expect, test, vi } from 'vitest';
import { servedBy, serves } from '../../../../src/io/network/served-by.ts';

// As root in a container without CAP_SYS_PTRACE: the files that others have open may not be read.
const machine = vi.hoisted(() => ({ uidMap: '         0          0 4294967295\n', socketUid: 70, inode: 5 }));

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  readdirSync(path: string) {
    if (path === '/proc') return [];
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
  },
  readFileSync(path: string) {
    if (path === '/proc/20/status') return 'Name:\tpython\nUid:\t70\t70\t70\t70\n';
    if (path === '/proc/21/status') return 'Name:\tpython\nUid:\t0\t0\t0\t0\n';
    const { uidMap, socketUid, inode } = machine;
    if (path === '/proc/self/uid_map') return uidMap;
    if (path === '/proc/sys/kernel/overflowuid') return '65534\n';
    if (path !== '/proc/net/tcp') throw new Error(`there is no ${path}`);
    return `  sl\n 0: 0100007F:0FA0 00000000:0000 0A 0:0 0:0 0 ${socketUid} 0 ${inode} 1\n`;
  },
}));

const connection = {
  local: { address: '127.0.0.1', port: 40_000 },
  remote: { address: '127.0.0.1', port: 4000 },
  isClosed: () => false,
};

test('serves recognises a process by its user', async () => {
  expect([await serves(20, connection), await serves(21, connection)]).toEqual(['ours', 'other']);
});

test('servedBy returns no user from outside a user namespace', async () => {
  machine.socketUid = 65_534;
  expect(await servedBy(connection)).toBe(65_534);
  machine.uidMap = '         0       1000          1\n';
  expect(await servedBy(connection)).toBeUndefined();
});
