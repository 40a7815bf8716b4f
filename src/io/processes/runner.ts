import { constants } from 'node:os';
import { systemCode } from '../../model/errors.ts';
import type { Clock } from '../clock.ts';
import { collectLines } from './collect-lines.ts';
import { holdFile } from './held-file.ts';
import { endOnDemand, type Kill } from './process-group.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A command line as data. `args` must not contain secrets, because every process on the machine can read them. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface RunOptions {
  /** The whole environment of the child: nothing else is added. */
  readonly env: Environment;
  readonly cwd?: string;
  /** The user to run as; default: the caller. Only root can change it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /**
   * Milliseconds after which the child's process group is ended. Null for work of unknown duration, which ends by
   * `signal`, and by `idleMs` if it reports its progress.
   */
  readonly timeoutMs: number | null;
  /** Ends it after this long without a line; needs `onLine`. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
  /** Called for each line as it arrives. A line ends at CR or LF, because progress bars use CR. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Also ends the child's process group if this process dies, even by SIGKILL. The child then has no stdin. Not on Windows. */
  readonly bound?: boolean;
  /** Input for the child; may contain secrets. */
  readonly stdin?: { readonly text: string } | { readonly file: string };
  /** Our own file that receives stdout instead of the result. It is truncated and keeps its mode. A link is an error. */
  readonly stdoutFile?: string;
}

export interface RunResult {
  /** `not-found`: no such program, or not executable. `timeout`: ended by us. `exited`: ended by itself. */
  readonly outcome: 'exited' | 'not-found' | 'timeout';
  /** The exit code; 128 + n if signal n ended it; -1 if it never ran. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The system's code when a file given for stdin or stdout failed, such as `ENOSPC`. */
  readonly fileError?: string;
  /** The system's code when the program is there but was not started, such as `E2BIG`. */
  readonly spawnError?: string;
}

/** For a child that printed no reason. */
export const describeEnd = ({ outcome, exitCode }: Pick<RunResult, 'outcome' | 'exitCode'>): string =>
  outcome === 'timeout' ? 'it timed out' : `exit code ${exitCode}`;

export interface Runner {
  /** Runs to the end and returns the result; rejects only with the reason of an aborted signal. */
  run(command: Command, options: RunOptions): Promise<RunResult>;
}

/** Reads from a pipe to this process, and kills the group when the pipe closes because this process has ended. */
const BOUND = 'exec 3<&0 </dev/null; (while read -r _; do :; done <&3; kill -9 0) >/dev/null 2>&1 & exec "$@" 3<&-';

const NOT_RUN = { outcome: 'exited', exitCode: -1, stdout: '', stderr: '' } as const;

const LIMIT = 16 * 1024 * 1024;

/** `find` gives the path of a program, where the system is not to find it by itself; undefined when there is none. */
export function systemRunner(
  clock: Clock,
  kill: Kill,
  find: (file: string, env: Environment) => string | undefined = (file) => file,
): Runner {
  return {
    async run(command, given) {
      const { execa } = await import('execa');
      given.signal?.throwIfAborted();
      const file = find(command.file, given.env);
      if (file === undefined) return { ...NOT_RUN, outcome: 'not-found' };
      const held = given.stdoutFile === undefined ? undefined : await holdFile(given.stdoutFile).catch(systemCode);
      if (typeof held === 'string') return { ...NOT_RUN, fileError: held };
      const options = held ? { ...given, stdoutFile: held.path } : given;
      const child = execa(...startOf({ ...command, file }, options));
      const { onLine } = options;
      const group = endOnDemand(child.pid, clock, kill, options);
      const heard: typeof onLine = (line, stream) => {
        group.touch();
        onLine?.(line, stream);
      };
      const whole = Promise.all([child, onLine && collectLines(child, heard)]);
      const done = await Promise.race([whole, group.abandoned]).finally(group.settle);
      await held?.close();
      if (!done) abandon(child, whole);
      options.signal?.throwIfAborted();
      if (!done) return { ...NOT_RUN, outcome: 'timeout' };
      const [result, text] = done;
      if (child.pid === undefined) return notStarted(result);
      return { outcome: group.timedOut() ? 'timeout' : 'exited', ...endOf(result, options), ...text };
    },
  };
}

const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'EACCES'];

function notStarted({ code = 'UNKNOWN' }: Pick<Ended, 'code'>): RunResult {
  if (ABSENT.includes(code)) return { ...NOT_RUN, outcome: 'not-found' };
  return { ...NOT_RUN, stderr: `The program was not started (${code})`, spawnError: code };
}

function startOf({ file, args }: Command, options: RunOptions) {
  const { cwd, bound, onLine, stdoutFile } = options;
  return [
    bound ? '/bin/sh' : file,
    bound ? ['-c', BOUND, 'sh', file, ...args] : args,
    {
      env: options.env as NodeJS.ProcessEnv,
      extendEnv: false,
      ...(cwd === undefined ? {} : { cwd }),
      ...options.user,
      ...(bound ? ({ stdin: 'pipe' } as const) : stdinOf(options.stdin)),
      ...(stdoutFile === undefined ? {} : { stdout: { file: stdoutFile } }),
      reject: false,
      // Old docker CLIs do not forward signals to their plugins (docker/cli#4402), so the whole group must be ended.
      detached: true,
      cleanup: true,
      maxBuffer: LIMIT,
      buffer: { stdout: onLine === undefined && stdoutFile === undefined, stderr: onLine === undefined },
      stripFinalNewline: false,
    },
  ] as const;
}

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: NodeJS.Signals | undefined;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
  readonly code?: string | undefined;
  readonly cause?: unknown;
}

function endOf(ended: Ended, { stdin, stdoutFile }: RunOptions): Omit<RunResult, 'outcome'> {
  const fileError = stdin || stdoutFile !== undefined ? fileErrorOf(ended) : undefined;
  return {
    exitCode: ended.exitCode ?? (ended.signal ? 128 + constants.signals[ended.signal] : -1),
    stdout: ended.stdout ?? '',
    stderr: ended.stderr ?? '',
    ...(fileError === undefined ? {} : { fileError }),
  };
}

interface Abandoned {
  readonly stdin: { destroy(): unknown } | null;
  readonly stdout: { destroy(): unknown } | null;
  readonly stderr: { destroy(): unknown } | null;
  unref?(): unknown;
}

/** A child that cannot be ended, or whose pipes another process holds open, must not keep this process alive. */
function abandon(child: Abandoned, whole: Promise<unknown>): void {
  whole.catch(() => undefined);
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  child.unref?.();
}

/** Closed by default, because Compose hangs forever if it asks a question on an open pipe (docker/compose#10060). */
function stdinOf(stdin: RunOptions['stdin']) {
  if (!stdin) return { stdin: 'ignore' } as const;
  return 'text' in stdin ? { input: stdin.text } : { inputFile: stdin.file };
}

/** A child that stops reading its stdin is not a file error. */
function fileErrorOf({ code: own, cause }: Ended): string | undefined {
  const code = own ?? systemCode(cause);
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' ? undefined : code;
}
