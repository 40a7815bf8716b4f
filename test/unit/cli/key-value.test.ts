import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { collectKeyValue, jsonValues } from '../../../src/cli/flag-values.ts';

test('collects values by name, and the last one wins', () => {
  const values = ['a=1', 'b_2=x=y', 'a=', 'c.d=two words'].reduce(
    (previous, text) => collectKeyValue(text, previous),
    {},
  );
  expect(values).toEqual({ a: '', b_2: 'x=y', 'c.d': 'two words' });
});

test.each(['', 'a', '=1', '1a=2', 'a b=1', '__proto__'])('refuses "%s" as a value', (text) => {
  expect(() => collectKeyValue(text)).toThrow(InvalidArgumentError);
});

test('parses JSON values and keeps all others as text', () => {
  const given = {
    on: 'true',
    n: '0.2',
    list: '["a"]',
    object: '{"a":{}}',
    nothing: 'null',
    text: 'gpt-4o',
    half: '{a',
  };
  expect(jsonValues(given)).toEqual({
    on: true,
    n: 0.2,
    list: ['a'],
    object: { a: {} },
    nothing: null,
    text: 'gpt-4o',
    half: '{a',
  });
  expect(jsonValues()).toEqual({});
});
