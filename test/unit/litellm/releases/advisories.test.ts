import { describe, expect, it } from 'vitest';
import {
  ADVISORIES,
  type Advisory,
  advisoryOf,
  advisoryOfDigest,
} from '../../../../src/litellm/releases/advisories.ts';
import { parseVersion, type Version, versionOfImage } from '../../../../src/litellm/releases/litellm-version.ts';
import { DEFAULT_IMAGE } from '../../../../src/model/stack-spec.ts';
import { NATIVE_DEFAULTS } from '../../../../src/runtime/native/install/locked-release.ts';

const of = (text: string, all?: readonly Advisory[]) => advisoryOf(parseVersion(text) as Version, all)?.kind;

describe('the advisories', () => {
  it.each([
    ['1.82.6', 'vulnerable'],
    ['1.82.7', 'stolen'],
    ['1.82.8', 'stolen'],
    ['1.83.9', 'vulnerable'],
    ['1.83.10rc1', 'vulnerable'],
    ['1.83.10', undefined],
    ['1.103.9', undefined],
    ['1.104.0', 'faulty'],
    ['1.104.6', 'faulty'],
    ['1.104.7', undefined],
    ['1.105.4', 'faulty'],
    ['1.106.3', 'faulty'],
    ['1.106.4', undefined],
    ['1.107.0', 'stolen'],
    ['1.107.0rc1', 'stolen'],
    ['1.107.0.post1', 'stolen'],
    ['1.107.1', undefined],
    ['1.108.11', undefined],
  ])('rate %s as %s', (text, kind) => expect(of(text)).toBe(kind));

  it('have no entry for the default versions', () => {
    for (const image of [DEFAULT_IMAGE, NATIVE_DEFAULTS.image]) {
      expect(advisoryOf(versionOfImage(image) as Version)).toBeUndefined();
    }
  });

  it('have a source and a date each, and valid versions', () => {
    for (const { id, kind, source, date, versions = [], ranges = [], digests = [], what } of ADVISORIES) {
      expect(['stolen', 'vulnerable', 'faulty'], id).toContain(kind);
      expect(source, id).toMatch(/^https:\/\//);
      expect(date, id).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(what, id).not.toBe('');
      expect(versions.length + ranges.length + digests.length, id).toBeGreaterThan(0);
      for (const text of versions) expect(parseVersion(text), id).toBeDefined();
    }
  });
});

describe('an advisory', () => {
  const row: Advisory = { id: 'X', kind: 'faulty', what: 'is so', source: 'https://x', date: '2026-01-01' };

  it('can have an open range, and one that starts at the first version', () => {
    expect(of('9.9.9', [{ ...row, ranges: [{ introduced: '0' }] }])).toBe('faulty');
    expect(of('1.2.3', [{ ...row, ranges: [{ introduced: '1.3' }] }])).toBeUndefined();
    expect(of('1.3.0', [{ ...row, ranges: [{ introduced: '1.3' }] }])).toBe('faulty');
  });

  it('ranks below a worse one', () => {
    const worse: Advisory = { ...row, kind: 'stolen', versions: ['1.2.3'] };
    expect(of('1.2.3', [{ ...row, ranges: [{ introduced: '0' }] }, worse])).toBe('stolen');
  });

  it('can match an image by its digest', () => {
    const all = [{ ...row, digests: ['sha256:bad'] }];
    expect(advisoryOfDigest('sha256:bad', all)?.id).toBe('X');
    expect(advisoryOfDigest('sha256:good', all)).toBeUndefined();
    expect(advisoryOfDigest(undefined, all)).toBeUndefined();
  });
});
