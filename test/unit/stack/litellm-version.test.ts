import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareVersions,
  judgeVersion,
  parseVersion,
  type Version,
  versionOfImage,
  withVersion,
} from '../../../src/stack/litellm-version.ts';

test.each([
  ['ghcr.io/berriai/litellm:v1.108.11', [1, 108, 11]],
  ['localhost:5000/litellm:1.2.3', [1, 2, 3]],
  ['litellm:v1.2.3-stable', [1, 2, 3]],
  ['litellm:v1.2.3@sha256:abc', [1, 2, 3]],
  ['litellm:main-stable', undefined],
  ['localhost:5000/litellm', undefined],
  ['litellm@sha256:abc', undefined],
])('%s names %j', (image, version) => {
  expect(versionOfImage(image)).toEqual(version);
});

test.each(['', 'v1', '1.2', 'latest', '1.2.3.4', 'x1.2.3'])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

const version = fc.tuple(fc.nat(9), fc.nat(200), fc.nat(20)) as fc.Arbitrary<Version>;

test('a version is read as it is written', () => {
  fc.assert(
    fc.property(version, (v) => {
      expect(parseVersion(`v${v.join('.')}`)).toEqual([...v]);
    }),
  );
});

test('versions are ordered as numbers, from the left', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const number = ([x, y, z]: Version) => x * 1e6 + y * 1e3 + z;
      expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(number(a) - number(b)));
    }),
  );
});

test.each([
  ['1.82.6', 'unsafe'],
  ['1.82.7', 'refused'],
  ['1.82.8', 'refused'],
  ['1.83.9', 'unsafe'],
  ['1.83.10', undefined],
  ['1.103.9', undefined],
  ['1.104.0', 'doubtful'],
  ['1.104.6', 'doubtful'],
  ['1.104.7', undefined],
  ['1.105.4', 'doubtful'],
  ['1.106.3', 'doubtful'],
  ['1.108.11', undefined],
])('%s is %s', (text, kind) => {
  expect(judgeVersion(parseVersion(text) as Version)?.kind).toBe(kind);
});

test.each([
  ['ghcr.io/berriai/litellm:v1.0.0', 'ghcr.io/berriai/litellm:v1.2.3'],
  ['localhost:5000/litellm', 'localhost:5000/litellm:v1.2.3'],
  ['litellm:v1.0.0@sha256:abc', 'litellm:v1.2.3'],
])('%s with another version is %s', (image, expected) => {
  expect(withVersion(image, [1, 2, 3])).toBe(expected);
});
