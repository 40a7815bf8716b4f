import { isAbsolute, join } from 'node:path';
import type { Context } from '../context/context.ts';

export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

export interface CompletionPlaces {
  /** Where the shell, or its usual completion package, looks for scripts of this user. */
  readonly file: string;
  /** What the shell reads at its start, and the line that makes it read the script; undefined when it finds it itself. */
  readonly start: { readonly file: string; readonly line: string } | undefined;
}

type Place = Pick<Context, 'env' | 'home' | 'platform'>;

export function completionPlaces(shell: CompletionShell, { env, home, platform }: Place): CompletionPlaces {
  const base = (variable: string, usual: string) => {
    const given = env[variable];
    // The XDG specification has relative values ignored.
    return given && isAbsolute(given) ? given : join(home, usual);
  };
  if (shell === 'fish') {
    return {
      file: join(base('XDG_CONFIG_HOME', '.config'), 'fish', 'completions', 'agents-llm.fish'),
      start: undefined,
    };
  }
  const data = base('XDG_DATA_HOME', '.local/share');
  if (shell === 'zsh') {
    const file = join(data, 'zsh', 'site-functions', '_agents-llm');
    return { file, start: { file: join(base('ZDOTDIR', ''), '.zshrc'), line: startLine(file) } };
  }
  // Loaded from there by bash-completion, which many systems do not have or do not use. A terminal of macOS starts a
  // login shell, which reads no .bashrc.
  const file = join(data, 'bash-completion', 'completions', 'agents-llm');
  const name = platform === 'darwin' ? '.bash_profile' : '.bashrc';
  return { file, start: { file: join(home, name), line: startLine(file) } };
}

function startLine(file: string): string {
  const quoted = `'${file.replaceAll("'", `'\\''`)}'`;
  return `[ ! -r ${quoted} ] || . ${quoted} # agents-llm completion`;
}
