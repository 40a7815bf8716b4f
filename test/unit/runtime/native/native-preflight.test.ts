import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { environmentIn } from '../../../../src/runtime/native/install/install-steps.ts';
import { nativePreflight, requireInstalled } from '../../../../src/runtime/native/native-preflight.ts';
import { caught } from '../../../support/caught.ts';

const GONE = { outcome: 'not-found', exitCode: -1, stdout: '', stderr: '' } as const;
const without = { run: async () => GONE };
const base = {
  env: {},
  signal: new AbortController().signal,
  isMusl: () => false,
  platform: 'linux',
  python: undefined,
} as const;

describe.each(['linux', 'darwin'] as const)('nativePreflight on %s', (platform) => {
  test('needs no Python when LiteLLM is installed', async () => {
    const given = { ...base, platform, runner: without };
    expect(await nativePreflight(given, async () => true)).toEqual({ endpoint: 'native', id: 'native' });
  });

  test('needs Python when LiteLLM is not installed', async () => {
    const error = await caught(() => nativePreflight({ ...base, platform, runner: without }, async () => false));
    expect([error.code, error.exitCode]).toEqual(['python_missing', EXIT.prerequisite]);
  });
});

test.each([
  ['musl', { isMusl: () => true }, /musl \(Alpine\)/],
  [
    'Windows',
    { platform: 'win32' },
    /it needs Linux or macOS$/,
    'Use Docker: agents-llm up --runtime docker\nOr run agents-llm in WSL, which is Linux: wsl --install',
  ],
  ['FreeBSD', { platform: 'freebsd' }, /it does not run on freebsd$/],
] as const)('refuses %s with the reason, before it runs any command', async (_, changes, why, hint?: string) => {
  const runner = { run: () => Promise.reject(new Error('unexpected command')) };
  const isInstalled = () => Promise.reject(new Error('unexpected look'));
  const error = await caught(() => nativePreflight({ ...base, runner, ...changes }, isInstalled));
  expect([error.code, error.exitCode, error.hint]).toEqual([
    'native_unsupported',
    EXIT.prerequisite,
    hint ?? 'Use Docker: agents-llm up --runtime docker',
  ]);
  expect(error.message).toMatch(/^The native runtime is not supported here: /);
  expect(error.message).toMatch(why);
});

test('requireInstalled names the command that installs a missing release', async () => {
  const found = environmentIn('/n', '3.12.0');
  expect(requireInstalled('litellm==1.2.3', found)).toBe(found);
  const error = await caught(() => requireInstalled('litellm==1.2.3', undefined));
  expect([error.code, error.exitCode, error.hint]).toEqual([
    'image_missing',
    EXIT.prerequisite,
    'Install it: agents-llm native install',
  ]);
  expect(error.message).toBe('litellm==1.2.3 is not completely installed on this machine');
});
