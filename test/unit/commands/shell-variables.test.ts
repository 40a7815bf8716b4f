import { execFileSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dotenvVariables, SHELLS, shellVariables } from '../../../src/commands/shell-variables.ts';

const KEY = { OPENAI_API_KEY: 'sk-abc', OPENAI_BASE_URL: 'http://127.0.0.1:4000/v1' };

test.each([
  ['sh', "export OPENAI_API_KEY='sk-abc'\nexport OPENAI_BASE_URL='http://127.0.0.1:4000/v1'\n"],
  ['fish', "set -gx OPENAI_API_KEY 'sk-abc'\nset -gx OPENAI_BASE_URL 'http://127.0.0.1:4000/v1'\n"],
  ['powershell', "$env:OPENAI_API_KEY = 'sk-abc'\n$env:OPENAI_BASE_URL = 'http://127.0.0.1:4000/v1'\n"],
  ['cmd', 'set "OPENAI_API_KEY=sk-abc"\nset "OPENAI_BASE_URL=http://127.0.0.1:4000/v1"\n'],
] as const)('%s', (shell, text) => {
  expect(shellVariables(KEY, shell)).toBe(text);
});

test.each([
  ['sh', `it's`, `export A='it'\\''s'\n`],
  ['fish', `it's \\`, `set -gx A 'it\\'s \\\\'\n`],
  ['powershell', `it's`, `$env:A = 'it''s'\n`],
  ['cmd', '100%', 'set "A=100%%"\n'],
] as const)('%s quotes %s', (shell, value, text) => {
  expect(shellVariables({ A: value }, shell)).toBe(text);
});

test('whatever the value, sh reads back what was written and runs nothing', () => {
  const value = fc.string({ minLength: 0, maxLength: 20 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(value, { minLength: 8, maxLength: 8 }), (values) => {
      const variables = Object.fromEntries(values.map((text, i) => [`V${i}`, text]));
      const printAll = Object.keys(variables).map((name) => `printf '%s\\0' "$${name}"`);
      const script = `${shellVariables(variables, 'sh')}${printAll.join('\n')}`;
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(values);
    }),
    { numRuns: 20 },
  );
});

test('a dotenv file of them is read back by Node', () => {
  expect(parseEnv(dotenvVariables(KEY))).toEqual(KEY);
  expect(SHELLS).toHaveLength(4);
});
