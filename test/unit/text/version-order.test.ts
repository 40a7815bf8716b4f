import { expect, test } from 'vitest';
import { isAtLeast, isOlder } from '../../../src/text/version-order.ts';

test.each([
  ['2.20.3', '2.21.0', true],
  ['v2.9.0', '2.21.0', true],
  ['2.21.0', '2.21.0', false],
  ['2.21', '2.21.0', false],
  ['2.21.0-4', '2.21.0', false],
  ['2.40.3-desktop.1', '2.21.0', false],
  ['20.19.0-nightly20260101', '20.19', false],
  ['10.0', '9.9.9', false],
])('decides whether %s is older than %s: %s', (version, other, older) => {
  expect([isOlder(version, other), isAtLeast(version, other)]).toEqual([older, !older]);
});

test.each(['dev', '', 'unknown'])('cannot compare %j', (version) => {
  expect([isOlder(version, '1.0'), isAtLeast(version, '1.0')]).toEqual([false, false]);
});
