import { expect, test } from 'vitest';
import { renderDoctor } from '../../../src/doctor/doctor-view.ts';
import { fail, ok, skip, warn } from '../../../src/doctor/finding.ts';
import { worstOf } from '../../../src/doctor/run-doctor.ts';
import { plainPaint } from '../../../src/io/terminal/paint.ts';

const checks = [
  { id: 'node', ...ok('Node 22.1.0') },
  { id: 'python', ...skip('The stack uses the Docker runtime') },
  { id: 'data-folder', ...skip('The stack uses the Docker runtime') },
  { id: 'file-modes', ...fail('secrets_exposed', 'others may look into .env (0644)', 'agents-llm doctor --fix') },
  { id: 'weak-secrets', ...warn('easy to guess: A, B', 'change A\nchange B') },
] as const;
const data = {
  project: 'agents-llm',
  runtime: 'docker',
  checks,
  worst: 'secrets_exposed',
  fixed: [],
  databaseSize: null,
  elapsedMs: 412,
} as const;

test('shows each finding, its fix below it, and the reason for a skipped check', () => {
  expect(renderDoctor(data, plainPaint)).toBe(`agents-llm on docker: 1 failure, 1 warning, 1 ok, 2 skipped (412 ms)

  ok    node          Node 22.1.0
  FAIL  file-modes    others may look into .env (0644)
                      fix: agents-llm doctor --fix
  warn  weak-secrets  easy to guess: A, B
                      fix: change A
                      fix: change B

  skip  python, data-folder: The stack uses the Docker runtime
`);
});

test('shows what was fixed first', () => {
  const fixed = [{ id: 'lock', did: 'removed it' }] as const;
  expect(renderDoctor({ ...data, checks: [checks[0]], fixed }, plainPaint)).toBe(
    'agents-llm on docker: 0 failures, 0 warnings, 1 ok, 0 skipped (412 ms)\n\n  fixed  lock: removed it\n\n  ok    node  Node 22.1.0\n',
  );
});

test('has no worst failure when nothing fails', () => {
  expect(worstOf([ok('x'), warn('y', 'z')])).toBeNull();
  expect(worstOf([fail('secrets_exposed', '', ''), fail('port_taken', '', ''), fail('docker_missing', '', '')])).toBe(
    'docker_missing',
  );
});
