import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where root's stacks keep their data; nobody else may look. */
export const ROOTS_DATA = '/var/lib/agents-llm/data';

export function lines(file: string, args: readonly string[]): string[] {
  return execFileSync(file, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** None where the system has no /proc. */
export function processIds(): string[] {
  return existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
}

/** Nothing of a process that has just ended. */
export function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

// A small image has /proc and no `ps`.
const commandLines = () => (existsSync('/proc') ? processIds().map(argumentsOf) : lines('ps', ['-eo', 'args']));

const OURS = /docker(-compose)? (compose|pull|logs)|supervisor\.js|pginstall|run_proxy|query-engine/;
/** That of this checkout: another one may be at work beside it. */
const BIN = fileURLToPath(new URL('../../../bin/agents-llm.js', import.meta.url));

/** All that the tests could leave behind on this machine. */
export function machineState({ docker }: { readonly docker: boolean }) {
  const ofEngine = (...args: string[]) => (docker ? lines('docker', args) : []);
  return {
    containers: ofEngine('ps', '-a', '--format', '{{.Names}}'),
    volumes: ofEngine('volume', 'ls', '--format', '{{.Name}}'),
    networks: ofEngine('network', 'ls', '--format', '{{.Name}}'),
    processes: commandLines().filter((line) => OURS.test(line) || line.includes(BIN)),
    data: process.getuid?.() === 0 && existsSync(ROOTS_DATA) ? readdirSync(ROOTS_DATA).sort() : [],
    files: readdirSync(tmpdir())
      .filter((name) => name.startsWith('agents-llm-'))
      .sort(),
  };
}

export type MachineState = ReturnType<typeof machineState>;

/** What is there by now and was not before, in words. */
export function leftBehind(before: MachineState, after: MachineState): string[] {
  return Object.entries(after).flatMap(([kind, found]) =>
    found.filter((one) => !before[kind as keyof MachineState].includes(one)).map((one) => `${kind}: ${one}`),
  );
}
