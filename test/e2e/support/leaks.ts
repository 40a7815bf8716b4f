import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'vitest';

function lines(file: string, args: readonly string[]): string[] {
  return execFileSync(file, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** All that a run could leave behind on this machine. */
export function snapshot() {
  return {
    containers: lines('docker', ['ps', '-a', '--format', '{{.Names}}']),
    volumes: lines('docker', ['volume', 'ls', '--format', '{{.Name}}']),
    networks: lines('docker', ['network', 'ls', '--format', '{{.Name}}']),
    processes: lines('ps', ['-eo', 'args']).filter((line) =>
      /docker(-compose)? (compose|pull|logs)|bin\/agents-llm\.js/.test(line),
    ),
    files: readdirSync(tmpdir())
      .filter((name) => name.startsWith('agents-llm-'))
      .sort(),
  };
}

export function expectNoLeaks(before: ReturnType<typeof snapshot>): void {
  expect(snapshot()).toEqual(before);
}
