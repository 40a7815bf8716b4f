import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packagesAreComplete } from '../../../../scripts/bootstrap/packages.js';

const machine = { platform: 'linux', arch: 'x64' };

const wanted = {
  '': { name: 'agents-llm' },
  'node_modules/plain': { version: '1.0.0', dev: true },
  'node_modules/plain/node_modules/nested': { version: '2.0.0', dev: true },
  'node_modules/for-this-machine': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
  'node_modules/for-another-system': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['x64'] },
  'node_modules/for-another-processor': { version: '1.0.0', optional: true, cpu: ['arm64'] },
  'node_modules/for-another-libc': { version: '1.0.0', optional: true, os: ['linux'], libc: ['musl'] },
  'node_modules/needed-by-those': { version: '1.0.0', optional: true },
};
const present = ['plain', 'plain/node_modules/nested', 'for-this-machine'].map((name) => `node_modules/${name}`);

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agents-llm-packages-'));
  write('package-lock.json', { packages: wanted });
  for (const path of present) write(`${path}/package.json`, {});
  record(Object.fromEntries(present.map((path) => [path, wanted[path as keyof typeof wanted]])));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('accepts missing packages for other machines', () => {
  expect(packagesAreComplete(root, machine)).toBe(true);
});

test.each(present)('rejects a record without %s', (path) => {
  const others = present.filter((each) => each !== path);
  record(Object.fromEntries(others.map((each) => [each, wanted[each as keyof typeof wanted]])));
  expect(packagesAreComplete(root, machine)).toBe(false);
});

test.each(present)('rejects a checkout without %s on disk', (path) => {
  rmSync(join(root, path), { recursive: true });
  expect(packagesAreComplete(root, machine)).toBe(false);
});

test('rejects a version other than the locked one', () => {
  write('package-lock.json', { packages: { ...wanted, 'node_modules/plain': { version: '1.0.1' } } });
  expect(packagesAreComplete(root, machine)).toBe(false);
});

test.each([
  ['missing', () => rmSync(join(root, 'node_modules/.package-lock.json'))],
  ['cut short', () => writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"packages": {')],
])('rejects a record that is %s', (_, damage) => {
  damage();
  expect(packagesAreComplete(root, machine)).toBe(false);
});

test('misses the platform package in a checkout from another machine', () => {
  expect(packagesAreComplete(root, { platform: 'darwin', arch: 'x64' })).toBe(false);
});

function record(packages: object): void {
  write('node_modules/.package-lock.json', { packages });
}

function write(name: string, content: object): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), JSON.stringify(content));
}
