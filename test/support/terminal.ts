import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { screenOf } from '../../scripts/terminal/screen.js';

const BIN = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));

/** Why there is no terminal for tests here; undefined when there is one. */
export const noTerminal: string | undefined =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
    ? undefined
    : 'the program `script` of util-linux, which gives a terminal, is not here';

export interface Screen {
  /** Resolves with all of the screen when the text stands on it; rejects when the command ends without it. */
  shows(text: string): Promise<string>;
  type(text: string): void;
  /** `screen` is all that was ever written to it. */
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>;
}

const COLUMNS = 80;

/** What stands on a terminal after all that was written to it, line by line. */
export async function standingOn(written: string, columns = COLUMNS): Promise<string> {
  const lines = await screenOf(written, columns);
  return lines
    .map((runs) =>
      runs
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The built command in a terminal of its own, `after` it a shell command in the same terminal. */
export function inTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { after = '', columns = COLUMNS }: { readonly after?: string; readonly columns?: number } = {},
): Screen {
  const command = [process.execPath, BIN, ...args].map(quote).join(' ');
  const size = `stty cols ${columns} rows ${columns === 0 ? 0 : 24}`;
  return openTerminal(after === '' ? `${size}; exec ${command}` : `${size}; ${command}; ${after}`, env);
}

/** A shell command in a terminal of its own. */
export function openTerminal(line: string, env: Readonly<Record<string, string>>): Screen {
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env: { TERM: 'xterm', ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<{ code: number | null; screen: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, screen }));
  });
  return {
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = async () => {
          const standing = await standingOn(screen);
          if (standing.includes(text)) resolve(standing);
        };
        waiting.add(() => void look());
        void look();
        void ended.then(look).then(() => reject(new Error(`it never showed "${text}": ${screen}`)));
      }),
    type: (text) => child.stdin.write(text),
    ended,
  };
}
