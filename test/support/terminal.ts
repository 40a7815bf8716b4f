import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));

/** Why there is no terminal for tests here; undefined when there is one. */
export const noTerminal: string | undefined =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
    ? undefined
    : 'the program `script` of util-linux, which gives a terminal, is not here';

export interface Screen {
  /** All that has been shown so far. */
  text(): string;
  /** Resolves when the screen shows the text; rejects when the command ends without it. */
  shows(text: string): Promise<void>;
  type(text: string): void;
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>;
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The built command in a terminal of its own, `after` it a shell command in the same terminal. */
export function inTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { after = '', columns = 80 }: { readonly after?: string; readonly columns?: number } = {},
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
    text: () => screen,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (screen.includes(text)) resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it never showed "${text}": ${screen}`)));
      }),
    type: (text) => child.stdin.write(text),
    ended,
  };
}
