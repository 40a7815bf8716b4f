import { expect, test } from 'vitest';
import { isOpenToAll } from '../../../../../src/runtime/native/folders/open-to-all.ts';

const files = (modes: Readonly<Record<string, number>>) => ({
  mode: async (path: string) => {
    if (modes[path] === -1) throw new Error('EACCES');
    return modes[path];
  },
});
const open = { '/': 0o755, '/usr': 0o755, '/usr/bin': 0o755, '/usr/bin/node': 0o755 };
const isOpen = (changes: Readonly<Record<string, number>>, path = '/usr/bin/node') =>
  isOpenToAll(path, files({ ...open, ...changes }));

test('accepts a program that every user can reach and run', async () => {
  expect(await isOpen({})).toBe(true);
  expect(await isOpen({ '/usr/bin': 0o711 })).toBe(true);
});

test('accepts a text that every user can read', async () => {
  expect(await isOpen({ '/usr/ca.pem': 0o644 }, '/usr/ca.pem')).toBe(true);
  expect(await isOpen({ '/usr/ca.pem': 0o640 }, '/usr/ca.pem')).toBe(false);
});

test.each([
  ['whose folder is private', { '/usr/bin': 0o700 }],
  ['below a private folder', { '/usr': 0o750 }],
  ['that others cannot run', { '/usr/bin/node': 0o744 }],
  ['that others cannot read', { '/usr/bin/node': 0o711 }],
  ['below a folder whose mode is unknown', { '/usr': -1 }],
])('refuses a path %s', async (_, changes) => {
  expect(await isOpen(changes)).toBe(false);
});

test('refuses a missing file', async () => {
  expect(await isOpen({}, '/usr/bin/none')).toBe(false);
});
