import { expect, test } from 'vitest';
import { plainPaint } from '../../../../src/io/terminal/paint.ts';
import type { Check, VerifyData } from '../../../../src/stack/verify/verify-result.ts';
import { describeLosses, renderVerify } from '../../../../src/stack/verify/verify-view.ts';

const ok: Check = { id: 'inventory', ok: true, seen: '1 provider: all there' };
const data: VerifyData = {
  project: 'shop',
  mode: 'recreate',
  runtime: 'docker',
  checks: [ok],
  inventory: { providers: 1, aliases: 0, keys: 0, teams: 0 },
  losses: [],
  elapsedMs: 18_000,
};

test.each([
  ['recreate', 'survives recreating the containers'],
  ['restart', 'survives a restart'],
  ['no-restart', 'is complete and readable'],
] as const)('reports what %s has verified', (mode, words) => {
  expect(renderVerify({ ...data, mode }, plainPaint)).toBe(
    `The data of shop ${words} (18.0 s)\n\n  ok  inventory  1 provider: all there\n`,
  );
});

test('shows each check and each loss', () => {
  const failed: Check = { id: 'readable', ok: false, seen: '1 cannot be read' };
  const losses = [{ kind: 'provider', name: 'openai', what: 'unreadable', why: 'another salt' }] as const;
  expect(describeLosses({ ...data, checks: [ok, failed], losses })).toBe(`The data of shop is not complete

  ok    inventory  1 provider: all there
  FAIL  readable   1 cannot be read

  provider  openai  unreadable  another salt
`);
});
