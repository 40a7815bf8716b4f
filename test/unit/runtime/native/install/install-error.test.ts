import { expect, test } from 'vitest';
import type { RunResult } from '../../../../../src/io/processes/runner.ts';
import { EXIT } from '../../../../../src/model/errors.ts';
import { folderError, installError } from '../../../../../src/runtime/native/install/install-error.ts';

const failed = (stderr: string, changes: Partial<RunResult> = {}): RunResult => ({
  outcome: 'exited',
  exitCode: 1,
  stdout: '',
  stderr,
  ...changes,
});

test.each([
  ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device: '/x'", /no space is left/],
  ['error: Failed to write: No space left on device (os error 28)', /no space is left/],
  [
    'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated',
    /does not have the hash that the lock file names/,
  ],
  ['error: Hash mismatch for `anyio==4.9.0`', /does not have the hash that the lock file names/],
  ['SSLError(SSLCertVerificationError(1, "certificate verify failed: self-signed certificate"))', /is not trusted/],
  [
    `WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': [Errno 111] Connection refused
ERROR: Could not find a version that satisfies the requirement anyio==4.9.0 (from versions: none)
ERROR: No matching distribution found for anyio==4.9.0`,
    /cannot be reached/,
  ],
  [
    "ProxyError('Cannot connect to proxy.')\nERROR: No matching distribution found for anyio==4.9.0",
    /cannot be reached/,
  ],
  ['error: Failed to fetch uv-0.13.9.whl: [Errno -2] Name or service not known', /cannot be reached/],
  ['error: hash mismatch for uv-0.13.9-py3-none-win_amd64.whl', /does not have the hash/],
  ['error: Failed to fetch: `http://127.0.0.1:1/anyio/`\n  Caused by: dns error', /cannot be reached/],
  ['error: Failed to download `anyio==4.9.0`\n  cause: error reading a body from connection', /cannot be reached/],
  ['http.client.IncompleteRead: IncompleteRead(2 bytes read, 999998 more expected)', /cannot be reached/],
  [
    'ERROR: Could not find a version that satisfies anyio==4.9.0 (from versions: none)',
    /cannot be reached or does not have a package/,
  ],
  ['ERROR: No matching distribution found for anyio==4.9.0', /has no package for this Python/],
  [
    'Because anyio==4.9.0 has no usable wheels\nNo solution found when resolving dependencies',
    /has no package for this Python/,
  ],
  [
    'error: Cannot load /a b/native/prisma_schema_build_bg.wasm.br: the file is damaged (unexpected end of file)',
    /failed: a file of the agents-llm package is missing or damaged$/,
  ],
  ["Error: [Errno 13] Permission denied: '/native'", /is not writable/],
  ['EROFS: read-only file system, mkdir', /is not writable/],
])('recognises the cause: %s', (stderr, why) => {
  const error = installError('Installing packages with pip', failed(stderr));
  expect([error.code, error.exitCode, error.retryable]).toEqual(['install_failed', EXIT.prerequisite, true]);
  expect(error.message).toMatch(/^Installing packages with pip failed: /);
  expect(error.message).toMatch(why);
  expect(error.hint).not.toBeNull();
});

test('says to reinstall agents-llm when a file of its package cannot be loaded', () => {
  const { hint } = installError('x', failed('error: Cannot load /p/x.wasm.br: the file is missing'));
  expect(hint).toBe('Reinstall agents-llm, then continue the installation: agents-llm native install');
});

test('searches stdout too, because line by line output is kept there', () => {
  expect(installError('x', failed('', { stdout: 'Errno 28' })).message).toBe('x failed: no space is left on the disk');
});

test('shows the last lines of an unknown cause', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const error = installError('compiling', failed([...lines, 'some Error of its own', 'bye'].join('\n')));
  expect(error.message).toBe('compiling failed: some Error of its own');
  expect(error.hint).toBe('Continue the installation: agents-llm native install');
  expect(error.details).toMatchObject({ step: 'compiling', exitCode: 1 });
  expect(error.details.log).toHaveLength(8);
});

test('shows the exit code without output, and names a missing program', () => {
  expect(installError('x', failed('', { exitCode: 137 })).message).toBe('x failed: exit code 137');
  const missing = failed('', { outcome: 'not-found', exitCode: -1 });
  expect(installError('x', missing).message).toBe('x failed: the program was not found');
});

test('turns errors of the file system into the same error, and passes on others', () => {
  const refused = Object.assign(new Error("EACCES: permission denied, mkdir '/n'"), { code: 'EACCES' });
  expect(folderError('/n', refused)).toMatchObject({
    code: 'install_failed',
    message: 'Writing to /n failed: its folder is not writable',
    hint: expect.stringContaining('AGENTS_LLM_HOME'),
    cause: refused,
  });
  const other = new Error('a defect');
  expect(folderError('/n', other)).toBe(other);
});
