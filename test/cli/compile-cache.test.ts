import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { noOtherUser, STRANGER } from '../support/other-user.ts';
import { runBin } from '../support/run-bin.ts';
import { itUnless } from '../support/skipping.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const noCache = 'enableCompileCache' in module ? undefined : `Node ${process.version} keeps no compiled code`;

const run = (env: Readonly<Record<string, string>>) =>
  runBin(['--version'], { NODE_DISABLE_COMPILE_CACHE: '', ...env });
const works = { code: 0, stderr: '' };

itUnless(noCache)('caches compiled code where only its user can write', async () => {
  const HOME = await temporaryFolder();
  expect(await run({ HOME })).toMatchObject(works);
  const folder = join(HOME, '.cache', 'agents-llm', 'compiled');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder, { recursive: true }).length).toBeGreaterThan(5);
  expect(await run({ HOME })).toMatchObject(works);
});

itUnless(noCache)('does not cache where other users could write', async () => {
  const HOME = await temporaryFolder();
  const shared = join(HOME, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  const inShared = join(shared, 'agents-llm', 'compiled');
  mkdirSync(inShared, { recursive: true });
  expect(await run({ HOME, XDG_CACHE_HOME: shared })).toMatchObject(works);
  expect(readdirSync(inShared)).toEqual([]);
});

itUnless(noCache ?? noOtherUser)('root does not cache in the home of another user', async () => {
  const HOME = await temporaryFolder();
  chownSync(HOME, STRANGER, STRANGER);
  expect(await run({ HOME })).toMatchObject(works);
  expect(readdirSync(HOME)).toEqual([]);
});

it('works with a missing home and without any home', async () => {
  const HOME = join(await temporaryFolder(), 'none');
  expect([await run({ HOME }), await run({})]).toMatchObject([works, works]);
  if (process.getuid?.() !== 0) return;
  expect(existsSync('/.cache/agents-llm')).toBe(false);
});

itUnless(noCache)('caches nothing when the user has turned it off', async () => {
  const HOME = await temporaryFolder();
  expect(await run({ HOME, NODE_DISABLE_COMPILE_CACHE: '1' })).toMatchObject(works);
  expect(readdirSync(HOME)).toEqual([]);
});
