import { describe, expect, test } from 'vitest';
import {
  type InstallManifest,
  isComplete,
  readManifest,
  removeManifest,
  writeManifest,
} from '../../../../../src/runtime/native/install/install-manifest.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const MANIFEST: InstallManifest = {
  schemaVersion: 1,
  lock: 'abc',
  python: { executable: '/usr/bin/python3.11', version: '3.11.2' },
  sizes: { 'lib/x.py': 5 },
  installedAt: '2026-01-01T00:00:00.000Z',
  seconds: 60,
  bytes: 1,
};
const WHOLE = {
  '/n/agents-llm.json': JSON.stringify(MANIFEST),
  '/n/lib/x.py': 'abcde',
  '/usr/bin/python3.11': 'python',
};

test('reads the manifest as it was written, and nothing once it is removed', async () => {
  const files = fakeFiles();
  await writeManifest(files, '/n', MANIFEST);
  expect(await readManifest(files, '/n')).toEqual(MANIFEST);
  await removeManifest(files, '/n');
  expect(await readManifest(files, '/n')).toBeUndefined();
});

test.each(['', '{"schemaVersion": 1, "lock": "ab', '{"schemaVersion":2}', 'null'])(
  'ignores an invalid manifest: %s',
  async (text) => {
    expect(await readManifest(fakeFiles({ '/n/agents-llm.json': text }), '/n')).toBeUndefined();
  },
);

test('ignores a manifest that cannot be read', async () => {
  const files = fakeFiles({ '/n/agents-llm.json': Object.assign(new Error('EACCES'), { code: 'EACCES' }) });
  expect(await readManifest(files, '/n')).toBeUndefined();
});

describe('isComplete', () => {
  test('accepts an environment with its manifest, its files and its Python', async () => {
    expect(await isComplete(fakeFiles(WHOLE), '/n', 'abc')).toBe(true);
  });

  test.each([
    ['no manifest', { '/n/agents-llm.json': '' }, 'abc'],
    ['another lock file', {}, 'other'],
    ['a file cut short', { '/n/lib/x.py': 'abc' }, 'abc'],
  ])('refuses an environment with %s', async (_, changes, lock) => {
    expect(await isComplete(fakeFiles({ ...WHOLE, ...changes }), '/n', lock)).toBe(false);
  });

  test.each(['/n/lib/x.py', '/usr/bin/python3.11'])('refuses an environment without %s', async (path) => {
    const files = fakeFiles(WHOLE);
    await files.remove(path);
    expect(await isComplete(files, '/n', 'abc')).toBe(false);
  });
});
