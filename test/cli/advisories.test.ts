import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { CRITICAL, MALWARE, startFakeOsv } from '../support/fake-osv.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const OWN = { id: 'own', kind: 'stolen', what: 'is so', versions: ['1.0.0'], source: 'https://x', date: '2026-01-01' };
const OLD = { ...OWN, id: 'withdrawn', from: 'osv' };
let file: string;

beforeEach(async () => {
  file = join(await temporaryFolder(), 'advisories.json');
  writeFileSync(file, JSON.stringify([OWN, OLD]));
});

const refresh = (url: string) =>
  execa('node', [join(root, 'scripts', 'advisories.js'), file], {
    env: { AGENTS_LLM_OSV_URL: url, NO_PROXY: '127.0.0.1' },
    reject: false,
  });

it('replaces the OSV rows with those of every page and keeps our own rows', async () => {
  const osv = await startFakeOsv([{ vulns: [MALWARE], next_page_token: 'two' }, { vulns: [CRITICAL] }]);
  onTestFinished(() => osv.close());
  const { exitCode, stdout } = await refresh(osv.url);
  expect([exitCode, stdout.split('\n')[0]]).toEqual([0, `${file}: 1 own rows, 2 from OSV, 2 of them new`]);
  expect(osv.asked).toMatchObject([{}, { page_token: 'two' }]);
  const rows = JSON.parse(readFileSync(file, 'utf8'));
  expect(rows.map(({ id }: { id: string }) => id)).toEqual(['own', 'GHSA-aaaa-bbbb-cccc', 'MAL-2026-1']);
});

it.each([
  ['nobody answers', 'http://127.0.0.1:1/', /^The list is unchanged because OSV cannot be reached: .*ECONNREFUSED/],
])('reports the error and changes nothing when %s', async (_, url, said) => {
  const before = readFileSync(file, 'utf8');
  const { exitCode, stderr } = await refresh(url);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(said);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

it('rejects an empty answer', async () => {
  const osv = await startFakeOsv([{}]);
  onTestFinished(() => osv.close());
  const { exitCode, stderr } = await refresh(osv.url);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('returned no advisories for litellm')]);
});
