import { isAbsolute, join } from 'node:path';
import type { Context } from '../context/context.ts';

/** Shells whose places are known: only PowerShell itself knows where its profile is. */
export const INSTALLED_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type InstalledShell = (typeof INSTALLED_SHELLS)[number];

export const COMPLETION_SHELLS = [...INSTALLED_SHELLS, 'powershell'] as const;
export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

export interface CompletionPlaces {
  /** Where the shell, or its usual completion package, looks for scripts of this user. */
  readonly file: string;
  /** The shell's start file and the line that loads the script; undefined if the shell finds the script itself. */
  readonly start: { readonly file: string; readonly line: string } | undefined;
}

type Place = Pick<Context, 'env' | 'home' | 'platform'>;

export function completionPlaces(shell: InstalledShell, { env, home, platform }: Place): CompletionPlaces {
  const base = (variable: string, usual: string) => {
    const given = env[variable];
    // The XDG specification says to ignore relative values.
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
  // bash-completion loads it from there, but many systems do not have it. A terminal on macOS starts a
  // login shell, which does not read .bashrc.
  const file = join(data, 'bash-completion', 'completions', 'agents-llm');
  const name = platform === 'darwin' ? '.bash_profile' : '.bashrc';
  return { file, start: { file: join(home, name), line: startLine(file) } };
}

function startLine(file: string): string {
  const quoted = `'${file.replaceAll("'", `'\\''`)}'`;
  return `[ ! -r ${quoted} ] || . ${quoted} # agents-llm completion`;
}
