import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, inject } from 'vitest';

const ROOTS_DATA = '/var/lib/agents-llm/data';

function lines(file: string, args: readonly string[]): string[] {
  return execFileSync(file, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** All that a run could leave behind on this machine. */
export function snapshot() {
  const ofEngine = (...args: string[]) => (inject('docker').available ? lines('docker', args) : []);
  return {
    containers: ofEngine('ps', '-a', '--format', '{{.Names}}'),
    volumes: ofEngine('volume', 'ls', '--format', '{{.Name}}'),
    networks: ofEngine('network', 'ls', '--format', '{{.Name}}'),
    processes: lines('ps', ['-eo', 'args']).filter((line) =>
      /docker(-compose)? (compose|pull|logs)|bin\/agents-llm\.js|supervisor\.js|pginstall|run_proxy|query-engine/.test(
        line,
      ),
    ),
    data: existsSync(ROOTS_DATA) ? readdirSync(ROOTS_DATA).sort() : [],
    files: readdirSync(tmpdir())
      .filter((name) => name.startsWith('agents-llm-'))
      .sort(),
  };
}

export function expectNoLeaks(before: ReturnType<typeof snapshot>): void {
  expect(snapshot()).toEqual(before);
}
