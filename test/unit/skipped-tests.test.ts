import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { skippedSummary } from '../support/skipped-summary.ts';

const tests = new URL('../', import.meta.url);
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

it('names each skipped case under its reason, and a suite of them once', () => {
  const zsh = { path: ['test/cli/completion.test.ts', 'in zsh'], reason: 'there is no zsh on the PATH' };
  const disk = { path: ['test/e2e/persistence.test.ts', 'a backup', 'on a full disk'], reason: 'only root may mount' };
  expect(skippedSummary([zsh, disk, zsh, { path: ['test/x.test.ts', 'x'], reason: undefined }])).toBe(`
 Skipped: 4 tests
   there is no zsh on the PATH:
     test/cli/completion.test.ts > in zsh (2 tests)
   only root may mount:
     test/e2e/persistence.test.ts > a backup > on a full disk
   no reason given:
     test/x.test.ts > x
`);
});

it('no test is skipped without a reason', () => {
  expect(files.length).toBeGreaterThan(200);
  const silent = /\.(skipIf|runIf|todo)\(|\b(it|test|describe)\.skip\((?!['`][^\n]*\([^\n]+\)['`],)/;
  const found = files.filter((name) => {
    const text = readFileSync(new URL(name, tests), 'utf8');
    return !name.endsWith('skipped-tests.test.ts') && silent.test(text);
  });
  expect(found).toEqual([]);
});
