import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { expect, it } from 'vitest';
import { isBuiltForMusl } from '../../../src/io/libc.ts';
import { itUnless, notOnLinux } from '../../support/skipping.ts';

const glibc = { header: { glibcVersionRuntime: '2.36' } };

it.each([
  ['linux', glibc, false],
  ['linux', { header: {} }, true],
  ['darwin', { header: {} }, false],
] as const)('detects musl on %s with the report %j: %s', (platform, report, expected) => {
  expect(isBuiltForMusl(platform, () => report)).toBe(expected);
});

it('skips the slow report when no musl file exists', () => {
  const report = () => {
    throw new Error('it was not to be asked for');
  };
  expect(isBuiltForMusl('darwin', report)).toBe(false);
});

itUnless(notOnLinux)('detects the libc that this Node.js is linked with', () => {
  const { stdout } = spawnSync('ldd', [process.execPath], { encoding: 'utf8' });
  expect(isBuiltForMusl(process.platform, () => process.report.getReport())).toBe(stdout.includes('musl'));
});
