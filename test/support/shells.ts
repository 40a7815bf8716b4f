import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noTerminal } from './terminal.ts';

interface TestedShell {
  readonly name: 'bash' | 'zsh' | 'fish';
  /** At a terminal, with no start file. */
  readonly bare: string;
  /** At a terminal, with the user's own start files. */
  readonly asUser: string;
  /** Makes this shell complete our command lines. */
  readonly load: string;
  /** Why it cannot be tested here; undefined when it can. */
  readonly missing: string | undefined;
}

const missing = (name: string) =>
  noTerminal ?? (spawnSync(name, ['-c', 'true']).status === 0 ? undefined : `there is no ${name} on the PATH`);

export const TESTED_SHELLS: readonly TestedShell[] = [
  {
    name: 'bash',
    bare: 'bash --noprofile --norc -i',
    asUser: 'bash -i',
    load: 'source <(agents-llm completion bash)',
    missing: missing('bash'),
  },
  {
    name: 'zsh',
    bare: 'zsh -f -i',
    asUser: 'zsh --no-globalrcs -i',
    load: 'source <(agents-llm completion zsh)',
    missing: missing('zsh'),
  },
  {
    name: 'fish',
    bare: 'fish --no-config -i',
    asUser: 'fish -i',
    load: 'agents-llm completion fish | source',
    missing: missing('fish'),
  },
];

/** A PATH with the built command in front, as `agents-llm`. */
export function pathWithCommand(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url)), join(bin, 'agents-llm'));
  symlinkSync(process.execPath, join(bin, 'node'));
  return `${bin}:${process.env.PATH}`;
}
