import { describe, expect, test } from 'vitest';
import { volumeCheck } from '../../../../src/stack/verify/verify-checks.ts';

const volume = 'shop_litellm_pgdata';
const place = { volume, mounted: volume, sharedWith: [] };

describe('volumeCheck', () => {
  test('skips the volume of an external database and says so', () => {
    expect(volumeCheck({ ...place, external: true })).toEqual({
      ...{ id: 'volume', ok: true, skipped: true },
      seen: 'not checked, because the database is external',
    });
  });

  test.each([
    ['the volume exists', place, true, `${volume} contains the data, and nothing else uses it`],
    ['the volume does not exist', { ...place, volume: null }, false, "the stack's volume does not exist"],
    [
      'nothing is mounted',
      { ...place, mounted: null },
      false,
      `the database keeps its data in its container instead of ${volume}`,
    ],
    [
      'the image made a volume of its own',
      { ...place, mounted: 'f'.repeat(64) },
      false,
      `the database keeps its data in an anonymous volume instead of ${volume}`,
    ],
    [
      'a folder is mounted',
      { ...place, mounted: '/srv/pg' },
      false,
      `the database keeps its data in /srv/pg instead of ${volume}`,
    ],
    [
      'somebody else has it too',
      { ...place, sharedWith: ['container db of project other'] },
      false,
      `container db of project other also uses ${volume}`,
    ],
  ])('reports the volume correctly when %s', (_, given, isOk, seen) => {
    expect(volumeCheck(given)).toEqual({ id: 'volume', ok: isOk, seen });
  });
});
