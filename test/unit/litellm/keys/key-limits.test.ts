import { describe, expect, it } from 'vitest';
import type { KeyRow } from '../../../../src/litellm/admin/schemas.ts';
import { limitChanges } from '../../../../src/litellm/keys/key-limits.ts';
import type { WholeKeyWish } from '../../../../src/litellm/keys/key-wish.ts';

const row = (metadata: KeyRow['metadata']): KeyRow => ({ token: 'h', models: ['gpt-5'], metadata });
const wish = (metadata: WholeKeyWish['metadata']): WholeKeyWish => ({
  alias: 'web',
  models: ['gpt-5'],
  duration: '30d',
  metadata: metadata ?? {},
});

describe('limitChanges', () => {
  it('ignores the order of metadata fields, because PostgreSQL changes it', () => {
    const stored = row({ owner: { a: 2, b: { c: 3, d: 4 } }, other: 1 });
    expect(limitChanges(stored, wish({ owner: { b: { d: 4, c: 3 }, a: 2 } }))).toBeUndefined();
  });

  it.each([
    ['another value', { owner: { a: 2, b: 2 } }],
    ['one field more', { owner: { a: 2, b: 1, c: 0 } }],
    ['one field less', { owner: { a: 2 } }],
    ['a list in another order', { list: [2, 1] }],
  ])('sends metadata with %s as a whole', (_, metadata) => {
    const stored = { owner: { a: 2, b: 1 }, list: [1, 2] };
    expect(limitChanges(row(stored), wish(metadata))).toEqual({ metadata: { ...stored, ...metadata } });
  });
});
