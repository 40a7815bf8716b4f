import { expect, it } from 'vitest';
import { similarNames } from '../../../src/text/similar-name.ts';

it.each([
  ['alway', ['missing', 'always', 'never'], ['always']],
  ['dcoker', ['docker', 'native'], ['docker']],
  ['DOCKER', ['docker', 'native'], ['docker']],
  ['bsh', ['bash', 'zsh', 'fish'], ['bash', 'zsh']],
  ['iu', ['target', 'ui'], ['ui']],
  ['stauts', ['status', 'start'], ['status']],
  ['maxbudget', ['target', 'max_budget'], ['max_budget']],
  ['model', ['target', 'provider', 'ui'], []],
  ['sometimes', ['missing', 'always', 'never'], []],
  ['', ['sh', 'fish'], []],
  ['x', [], []],
])('corrects %j with the names %j to %j', (typed, names, similar) => {
  expect(similarNames(typed, names)).toEqual(similar);
});
