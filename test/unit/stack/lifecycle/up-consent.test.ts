import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import type { StackState } from '../../../../src/project/state.ts';
import { consentToUp } from '../../../../src/stack/lifecycle/up-consent.ts';
import type { UpFlags } from '../../../../src/stack/lifecycle/up-options.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const OPEN = 'bind: 0.0.0.0\nimage: evil.example/litellm:v9.0.0\n';
const STATE: StackState = {
  schemaVersion: 1,
  runtime: 'docker',
  project: 'agents-llm',
  bind: '127.0.0.1',
  port: 4000,
  image: 'ghcr.io/berriai/litellm:v1.108.11',
  databaseImage: 'p:1',
  engine: { endpoint: 'unix:///x.sock', id: 'E' },
  createdAt: '2026-01-01T00:00:00Z',
};

let home: string;
beforeEach(async () => {
  home = await temporaryFolder();
});

/** As it is written before an `up`. */
async function up(text: string, env: Record<string, string>, flags: Partial<UpFlags> = {}) {
  const place = { path: join(home, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder: home };
  await writeFile(place.path, text);
  const given: UpFlags = { timeout: 1, pull: 'missing', ...flags };
  return consentToUp({ config: parseConfig(text, place), place }, given, fakeInvocation({ home, env }));
}

async function makeStack(): Promise<void> {
  const folder = join(home, '.local', 'share', 'agents-llm', 'agents-llm');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'state.json'), JSON.stringify(STATE));
}

test('trusts the file for a stack that the CI job creates, but not for an existing one', async () => {
  await up(OPEN, { CI: 'true' });
  await makeStack();
  expect(await caught(() => up(OPEN, { CI: 'true' }))).toMatchObject({
    code: 'file_not_allowed',
    exitCode: 3,
    details: { reason: 'risk', risks: [expect.stringContaining('0.0.0.0'), expect.stringContaining('evil.example')] },
  });
  await up('port: 4123\n', { CI: 'true' });
  await up(OPEN, { CI: 'true' }, { trust: true });
});

test('asks about a new stack outside CI, even when the file was approved before', async () => {
  await up('port: 4123\n', {}, { trust: true });
  await up('port: 4123\n', {});
  await up(OPEN, {}, { trust: true });
  expect(await caught(() => up(OPEN, {}))).toMatchObject({ details: { reason: 'risk' } });
  // A flag of the user's own overrules the file, which then opens nothing.
  await up(OPEN, {}, { bind: '127.0.0.1', image: STATE.image });
});

test('shows risky settings next to the question', async () => {
  const many = Array.from({ length: 200 }, (_, i) => `  m${i}: {target: openai/gpt-4o}`).join('\n');
  const text = `providers:\n  openai: {api_key_env: AWS_SECRET_ACCESS_KEY}\naliases:\n${many}\n`;
  const plan = (await caught(() => up(text, {})))?.details.plan as readonly string[];
  expect(plan).toHaveLength(201);
  expect(plan.at(-1)).toBe('! provider openai: openai, key from AWS_SECRET_ACCESS_KEY');
});

test('asks nothing in a dry run but says whether it would ask', async () => {
  expect((await up(OPEN, {}, { dryRun: true })).isAllowed).toBe(false);
  expect((await up(OPEN, { CI: 'true' }, { dryRun: true })).isAllowed).toBe(true);
});
