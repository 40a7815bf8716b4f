import { describe, expect, test } from 'vitest';
import {
  type Check,
  describeLosses,
  renderVerify,
  type VerifyData,
  volumeCheck,
} from '../../../src/commands/verify-view.ts';
import { plainPaint } from '../../../src/io/paint.ts';

const volume = 'shop_litellm_pgdata';
const place = { volume, mounted: volume, sharedWith: [] };
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

describe('volumeCheck', () => {
  test.each([
    ['the volume is there', place, true, `${volume} holds the data, and nobody else uses it`],
    ['there is none', { ...place, volume: null }, false, "the stack's volume does not exist"],
    [
      'nothing is mounted',
      { ...place, mounted: null },
      false,
      `the database keeps its data in its container, and not in ${volume}`,
    ],
    [
      'the image made a volume of its own',
      { ...place, mounted: 'f'.repeat(64) },
      false,
      `the database keeps its data in an anonymous volume, and not in ${volume}`,
    ],
    [
      'a folder is mounted',
      { ...place, mounted: '/srv/pg' },
      false,
      `the database keeps its data in /srv/pg, and not in ${volume}`,
    ],
    [
      'somebody else has it too',
      { ...place, sharedWith: ['container db of project other'] },
      false,
      `${volume} is used by container db of project other too`,
    ],
  ])('when %s', (_, given, isOk, seen) => {
    expect(volumeCheck(given)).toEqual({ id: 'volume', ok: isOk, seen });
  });
});

test.each([
  ['recreate', 'survives new containers'],
  ['restart', 'survives a restart'],
  ['no-restart', 'is whole and readable'],
] as const)('says what %s has proven', (mode, words) => {
  expect(renderVerify({ ...data, mode }, plainPaint)).toBe(
    `the data of shop ${words} (18.0 s)\n\n  ok  inventory  1 provider: all there\n`,
  );
});

test('shows each check and each loss', () => {
  const failed: Check = { id: 'readable', ok: false, seen: '1 cannot be read' };
  const losses = [{ kind: 'provider', name: 'openai', what: 'unreadable', why: 'another salt' }] as const;
  expect(describeLosses({ ...data, checks: [ok, failed], losses })).toBe(`the data of shop is not whole

  ok    inventory  1 provider: all there
  FAIL  readable   1 cannot be read

  provider  openai  unreadable  another salt
`);
});
