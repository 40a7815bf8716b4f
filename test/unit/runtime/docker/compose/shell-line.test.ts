import { expect, test } from 'vitest';
import { shellLine } from '../../../../../src/runtime/docker/compose/compose-argv.ts';

test.each([
  [['ps', '-a'], 'docker ps -a'],
  [['--format', '{{.Id}}'], "docker --format '{{.Id}}'"],
  [['a b', "it's", '$HOME', ''], "docker 'a b' 'it'\\''s' '$HOME' ''"],
])('quotes %j', (args, expected) => {
  expect(shellLine({ file: 'docker', args })).toBe(expected);
});
