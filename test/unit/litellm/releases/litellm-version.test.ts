import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareVersions,
  isRolling,
  parseVersion,
  type Version,
  versionOfImage,
  versionsInImage,
  withVersion,
} from '../../../../src/litellm/releases/litellm-version.ts';

test.each([
  ['ghcr.io/berriai/litellm:v1.108.11', [1, 108, 11]],
  ['localhost:5000/litellm:1.2.3', [1, 2, 3]],
  ['litellm:v1.2.3-stable', [1, 2, 3]],
  ['litellm:v1.2.3@sha256:abc', [1, 2, 3]],
  ['litellm:main-v1.2.3', [1, 2, 3]],
  ['litellm:V1.2.3_2', [1, 2, 3]],
  ['litellm:v1.2.3.rc.1', [1, 2, 3, 'rc.1']],
  ['litellm:v1.2.3-nightly', [1, 2, 3, 'nightly']],
  ['litellm:prod-1.2.3-amd64', [1, 2, 3]],
  ['litellm==1.2.3.post1', [1, 2, 3]],
  ['litellm==1.2.3rc1', [1, 2, 3, 'rc1']],
  ['litellm==1!1.2.3', [1, 2, 3]],
  ['litellm==1.2', [1, 2, 0]],
  ['litellm==01.02.003', [1, 2, 3]],
  ['litellm:v1.2', undefined],
  ['litellm:python3.13.1-v1.2.3', undefined],
  ['litellm:main-stable', undefined],
  ['localhost:5000/litellm', undefined],
  ['litellm@sha256:abc', undefined],
])('%s has version %j', (image, version) => {
  expect(versionOfImage(image)).toEqual(version);
});

test.each(['', 'v1', '1.2', 'latest', 'x1.2.3'])('refuses %j as a version', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

const version = fc.tuple(fc.nat(9), fc.nat(200), fc.nat(20)) as fc.Arbitrary<Version>;

test('parses any version as it is written', () => {
  fc.assert(
    fc.property(version, (v) => {
      expect(parseVersion(`v${v.join('.')}`)).toEqual([...v]);
    }),
  );
});

test('orders versions as numbers, from the left', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const number = ([x, y, z]: Version) => x * 1e6 + y * 1e3 + z;
      expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(number(a) - number(b)));
    }),
  );
});

test("returns all versions in a tag, because any of them may be LiteLLM's", () => {
  expect(versionsInImage('litellm:python3.13.1-v1.107.0')).toEqual([
    [3, 13, 1],
    [1, 107, 0],
  ]);
});

test('orders a pre-release before its release', () => {
  const order = ['1.84.0', '1.85.0.dev1', '1.85.0rc2', '1.85.0rc10', '1.85.0', '1.85.1'];
  const versions = order.map((text) => parseVersion(text) as Version);
  expect([...versions].reverse().sort(compareVersions)).toEqual(versions);
});

test.each([
  ['litellm', true],
  ['litellm:latest', true],
  ['localhost:5000/litellm:main-stable', true],
  ['litellm:v1', true],
  ['litellm:v1.2.3', false],
  ['litellm@sha256:abc', false],
  ['litellm:latest@sha256:abc', false],
  ['litellm==1.2.3', false],
])('tells whether %s is a rolling tag: %s', (image, rolling) => expect(isRolling(image)).toBe(rolling));

test.each([
  ['ghcr.io/berriai/litellm:v1.0.0', 'ghcr.io/berriai/litellm:v1.2.3'],
  ['localhost:5000/litellm', 'localhost:5000/litellm:v1.2.3'],
  ['litellm:v1.0.0@sha256:abc', 'litellm:v1.2.3'],
])('changes %s to another version: %s', (image, expected) => {
  expect(withVersion(image, [1, 2, 3])).toBe(expected);
});
