import { expect, test } from 'vitest';
import { closestName } from '../../src/closest-name.ts';

const NAMES = ['target', 'provider', 'params', 'max_budget', 'ui'];

test.each([
  ['traget', 'target'],
  ['Target', 'target'],
  ['providers', 'provider'],
  ['maxbudget', 'max_budget'],
  ['param', 'params'],
  ['iu', 'ui'],
])('%s most likely means %s', (word, name) => {
  expect(closestName(word, NAMES)).toBe(name);
});

test.each(['colour', 'x', 'model', ''])('"%s" is like none', (word) => {
  expect(closestName(word, NAMES)).toBeUndefined();
});
