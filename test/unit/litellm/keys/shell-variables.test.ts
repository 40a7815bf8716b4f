import { execFileSync, spawnSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dotenvVariables, SHELLS, shellVariables } from '../../../../src/litellm/keys/shell-variables.ts';
import type { CliError } from '../../../../src/model/errors.ts';
import { itUnless } from '../../../support/skipping.ts';

const KEY = { OPENAI_API_KEY: 'sk-abc', OPENAI_BASE_URL: 'http://127.0.0.1:4000/v1' };

test.each([
  ['sh', "export OPENAI_API_KEY='sk-abc'\nexport OPENAI_BASE_URL='http://127.0.0.1:4000/v1'\n"],
  ['fish', "set -gx OPENAI_API_KEY 'sk-abc'\nset -gx OPENAI_BASE_URL 'http://127.0.0.1:4000/v1'\n"],
  ['powershell', "$env:OPENAI_API_KEY = 'sk-abc'\n$env:OPENAI_BASE_URL = 'http://127.0.0.1:4000/v1'\n"],
  ['cmd', 'set "OPENAI_API_KEY=sk-abc"\nset "OPENAI_BASE_URL=http://127.0.0.1:4000/v1"\n'],
] as const)('writes variables for %s', (shell, text) => {
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

test('writes any value so that sh reads it unchanged and runs nothing', () => {
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

const anyValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(fc.constantFrom('"', "'", '&', '%', '^', '|', '\n', '\r', '\u2019', '$(x)', 'a', ' ', '`', '\\'))
    .map((parts) => parts.join('')),
);

const written = (value: string, shell: (typeof SHELLS)[number]) => {
  try {
    return shellVariables({ A: value }, shell);
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, details: { variable: 'A', form: shell } });
    expect((error as CliError).hint).toMatch(/^Run the command directly: agents-llm run/);
    return undefined;
  }
};

test('writes any value for cmd as one quoted word on one line, or not at all', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = written(value, 'cmd');
      if (text === undefined) expect(value).toMatch(/["\p{Cc}]/u);
      else expect(text).toMatch(/^set "A=(?:[^"%\r\n]|%%)*"\n$/);
    }),
  );
  expect(written('x" & calc & "', 'cmd')).toBeUndefined();
});

test('writes any value for PowerShell as one quoted text on one line, or not at all', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = written(value, 'powershell');
      const quoted = /^\$env:A = '((?:[^'\u2018-\u201b\r\n]|(['\u2018-\u201b])\2)*)'\n$/.exec(text ?? '')?.[1];
      if (text === undefined) expect(value).toMatch(/\p{Cc}/u);
      else expect(quoted?.replace(/(['\u2018-\u201b])\1/g, '$1')).toBe(value);
    }),
  );
});

test('writes any value to a dotenv file as one line, or not at all', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      if (/\p{Cc}/u.test(value)) expect(() => dotenvVariables({ A: value })).toThrow('cannot be written for dotenv');
      else expect(dotenvVariables({ A: value })).toBe(`A=${value}\n`);
    }),
  );
});

const noFish = spawnSync('fish', ['--version']).error && 'there is no fish on the PATH';

itUnless(noFish)('fish reads back what was written', () => {
  for (const value of ["it's", 'a\\', "\\'; echo x; '", 'a\nb', '$HOME (date) `x`', '"%&']) {
    const script = `${shellVariables({ A: value }, 'fish')}printf '%s' "$A"`;
    expect(execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' })).toBe(value);
  }
});

test('writes dotenv files that Node reads unchanged', () => {
  expect(parseEnv(dotenvVariables(KEY))).toEqual(KEY);
  expect(SHELLS).toHaveLength(4);
});
