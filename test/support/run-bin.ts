import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));

export interface BinResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly result: Promise<BinResult>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stderr holds the text. */
  says(text: string): Promise<void>;
  /** Resolves with stdout when it holds the text. */
  prints(text: string): Promise<string>;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** A user without privileges, when the tests run as root. */
export const ordinaryUser: User | undefined = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

/** Starts the built command with this environment and nothing else of ours. */
export function startBin(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin = '',
  how?: Partial<User> & { readonly cwd?: string },
): Running {
  // A cache of compiled code would be made in each home. An empty value lets it be made.
  const { NODE_DISABLE_COMPILE_CACHE: off = '1', ...rest } = env;
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...rest, ...(off === '' ? {} : { NODE_DISABLE_COMPILE_CACHE: off }) },
    ...how,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(stdin);
  return {
    pid: child.pid ?? -1,
    kill: (signal) => child.kill(signal),
    says: (text) =>
      new Promise((resolve) => {
        const look = () => stderr.includes(text) && resolve();
        child.stderr.on('data', look);
        look();
      }),
    prints: (text) =>
      new Promise((resolve) => {
        const look = () => stdout.includes(text) && resolve(stdout);
        child.stdout.on('data', look);
        look();
      }),
    result: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    }),
  };
}

export function runBin(args: readonly string[], env: Readonly<Record<string, string>>, stdin = ''): Promise<BinResult> {
  return startBin(args, env, stdin).result;
}
