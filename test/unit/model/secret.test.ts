import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafeValue, redactor, Secret } from '../../../src/model/secret.ts';

const views: readonly (readonly [string, (secret: Secret) => string])[] = [
  ['String()', String],
  ['a template', (secret) => `${secret}`],
  ['JSON', (secret) => JSON.stringify({ nested: [secret] })],
  ['inspection', inspect],
  ['inspection of what holds it', (secret) => inspect({ nested: { secret } }, { depth: 9, showHidden: true })],
  ['the message of an error', (secret) => new Error(`with ${secret}`).message],
  ['its keys and values', (secret) => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)])],
  ['a copy', (secret) => JSON.stringify({ ...secret })],
];

describe('Secret', () => {
  it.each(views)('stays hidden from %s', (_, view) => {
    expect(view(new Secret('sk-0123456789abcdef'))).not.toContain('0123456789');
  });

  it.each([
    ['sk-0123456789abcdef', 'sk-…cdef'],
    ['0123456789abcdef', '…cdef'],
    ['sk-12345678', '…'],
    ['admin', '…'],
    ['', '…'],
  ])('shows %s as %s', (text, mask) => {
    const secret = new Secret(text);
    expect([secret.mask, `${secret}`, inspect(secret), JSON.stringify(secret)]).toEqual([
      mask,
      mask,
      mask,
      JSON.stringify(mask),
    ]);
  });

  it('reveals its text only through reveal', () => expect(new Secret('text').reveal()).toBe('text'));
});

describe('isSafeValue', () => {
  it.each(['a', 'sk-AZ09_.:/@+=-'])('accepts %s', (text) => expect(isSafeValue(text)).toBe(true));
  it.each(['', ' ', 'a b', 'a\n', '$a', '#', '"a"', "'", '\\', 'é', 'a%'])('refuses %j', (text) =>
    expect(isSafeValue(text)).toBe(false),
  );
});

describe('redactor', () => {
  it('replaces every occurrence, the longer value first', () => {
    const redact = redactor([new Secret('secret'), new Secret('secret-and-more')]);
    expect(redact('secret, secret-and-more, secrets')).toBe('[redacted], [redacted], [redacted]s');
  });

  it('ignores values that are too short for a secret', () => {
    expect(redactor([new Secret('admin'), new Secret('')])('admin is admin')).toBe('admin is admin');
  });

  it('treats no character of a secret as a pattern', () => {
    expect(redactor([new Secret('a.b+c/$&')])('a.b+c/$& axbcc/')).toBe('[redacted] axbcc/');
  });

  it('leaves no secret in any text', () => {
    const secrets = fc.array(fc.stringMatching(/^[0-9A-Z:/@+=-]{6,20}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(secrets, fc.array(fc.nat(20), { maxLength: 10 }), (values, picks) => {
        const text = picks.map((pick) => values[pick] ?? ' and ').join(' ');
        const shown = redactor(values.map((value) => new Secret(value)))(text);
        for (const value of values) expect(shown).not.toContain(value);
      }),
    );
  });
});
