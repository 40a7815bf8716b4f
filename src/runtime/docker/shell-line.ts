import type { Command } from '../../io/runner.ts';

/** A command line that can be pasted into a POSIX shell. */
export function shellLine({ file, args }: Command): string {
  return [file, ...args].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
