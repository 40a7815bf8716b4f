import { beforeEach, expect, test, vi } from 'vitest';
import { listener } from '../../../../src/io/network/listener.ts';
import { servedBy, serves } from '../../../../src/io/network/served-by.ts';

// As on macOS: no /proc, and an `lsof` that ends with 1 when it finds nothing.
const lsof = vi.hoisted(() => ({ text: '', code: 0 as number | string, args: [] as readonly string[] }));

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  readFileSync() {
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  },
}));

vi.mock('node:child_process', () => ({
  execFile(file: string, args: readonly string[], _: object, done: (error: Error | null, out: object) => void) {
    lsof.args = [file, ...args];
    const stdout = lsof.text;
    const failed = Object.assign(new Error('it ended'), { code: lsof.code, stdout });
    done(lsof.code === 0 ? null : failed, { stdout });
  },
}));

const connection = {
  local: { address: '127.0.0.1', port: 53_211 },
  remote: { address: '127.0.0.1', port: 4000 },
  isClosed: () => false,
};

beforeEach(() => Object.assign(lsof, { text: '', code: 0 }));

test.each([
  ['that has accepted it', 'p20\nf9\nn127.0.0.1:4000->127.0.0.1:53211\n', 0, 'ours'],
  ['that listens on its address', 'p20\nf9\nn127.0.0.1:4000\n', 0, 'ours'],
  ['that listens on all addresses', 'p20\nf9\nn*:4000\n', 0, 'ours'],
  ['that has other connections with that port', 'p20\nf9\nn127.0.0.1:60000->127.0.0.1:4000\n', 0, 'other'],
  ['that has none', '', 1, 'other'],
])('serves recognises by lsof a service %s', async (_, text, code, expected) => {
  Object.assign(lsof, { text, code });
  expect(await serves(20, connection)).toBe(expected);
  expect(lsof.args).toEqual(['lsof', '-nP', '-a', '-g', '20', '-iTCP:4000', '-Fn']);
});

test.each(['ENOENT', 'ETIMEDOUT'])('serves returns "unseen" when lsof is missing or hangs (%s)', async (code) => {
  Object.assign(lsof, { code });
  expect(await serves(20, connection)).toBe('unseen');
});

test('servedBy returns no user without /proc', async () => expect(await servedBy(connection)).toBeUndefined());

test('listener returns the process, its program and its user', async () => {
  Object.assign(lsof, { text: 'p77\nccom.docker.backend\nLann\nf12\n' });
  expect(await listener(4000)).toEqual({ pid: 77, command: 'com.docker.backend', user: 'ann' });
  Object.assign(lsof, { text: 'p78\ncDocker\\x20Desktop\nLann\nf12\n' });
  expect((await listener(4000))?.command).toBe('Docker Desktop');
  Object.assign(lsof, { text: '', code: 1 });
  expect(await listener(4000)).toBeUndefined();
});
