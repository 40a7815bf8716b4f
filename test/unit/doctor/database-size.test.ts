import { expect, it } from 'vitest';
import { judgeSize } from '../../../src/doctor/data-checks.ts';
import { describeSize, parseSize, READ_SIZE } from '../../../src/stack/data/database-size.ts';

const SIZE = {
  bytes: 84_000_000,
  tables: [{ name: 'LiteLLM_SpendLogs', bytes: 1 }],
  logBytes: 71_000_000,
  logRetention: null,
};

it('parses the size from one line and refuses anything else', () => {
  expect(READ_SIZE.match(/;/g)).toHaveLength(1);
  // What json_agg gives has a line a row.
  expect(READ_SIZE).not.toMatch(/\bjson_/);
  expect(parseSize(JSON.stringify(SIZE))).toEqual(SIZE);
  expect(parseSize('6d0c0b3c-0000-4000-8000-000000000000')).toBeUndefined();
  expect(describeSize(SIZE)).toBe('84.0 MB, of which the request log 71.0 MB');
});

it.each([
  ['ok', SIZE.logBytes, '30d', /request log 71\.0 MB \(kept for 30d\)$/],
  ['ok', SIZE.logBytes, null, /\(old requests are never deleted\)$/],
  ['ok', 2e9, '30d', /request log 2\.0 GB \(kept for 30d\)$/],
  ['warn', 2e9, null, /request log 2\.0 GB, and old requests are never deleted$/],
] as const)('reports %s with %d bytes of log and retention %s', (status, logBytes, retention, seen) => {
  const finding = judgeSize({ ...SIZE, logBytes }, retention);
  expect(finding).toMatchObject({ status, seen: expect.stringMatching(seen) });
  expect(finding.fix === null).toBe(status === 'ok');
});
