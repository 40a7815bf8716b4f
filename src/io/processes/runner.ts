import { constants } from 'node:os';
import { systemCode } from '../../model/errors.ts';
import type { Clock } from '../clock.ts';
import { collectLines } from './collect-lines.ts';
import { holdFile } from './held-file.ts';
import { endOnDemand, type Kill } from './process-group.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A command line as data. No secret belongs into `args`: they are readable by every process of the machine. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface RunOptions {
  /** The whole environment of the child: nothing else is added. */
  readonly env: Environment;
  readonly cwd?: string;
  /** Whose rights it gets; the caller's own when left out. Only root may give others. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /**
   * Milliseconds after which the child's process group is ended. Null for work whose length nobody knows: it ends by
   * `signal`, and by `idleMs` where it shows its progress.
   */
  readonly timeoutMs: number | null;
  /** The same after this long without a line; it wants `onLine`. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
  /** Called for each line as it comes; a line ends at CR or LF, since progress bars use CR. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Ends the child's process group also when we die, however suddenly; it gets nothing to read then. Not on Windows. */
  readonly bound?: boolean;
  /** What the child reads; nothing when left out. Here a secret may go. */
  readonly stdin?: { readonly text: string } | { readonly file: string };
  /** A file of ours that takes stdout instead of the result: it is emptied first and keeps its mode. A link there is an error. */
  readonly stdoutFile?: string;
}

export interface RunResult {
  /** `not-found`: no such program, or none that may be run. `timeout`: ended by us. Otherwise the child ended by itself. */
  readonly outcome: 'exited' | 'not-found' | 'timeout';
  /** The exit code; 128 + n when it died of signal n; -1 when it never ran. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The system's code when a file given for stdin or stdout failed, such as `ENOSPC`. */
  readonly fileError?: string;
}

/** For a child that said nothing about its end. */
export const describeEnd = ({ outcome, exitCode }: Pick<RunResult, 'outcome' | 'exitCode'>): string =>
  outcome === 'timeout' ? 'it timed out' : `exit code ${exitCode}`;

export interface Runner {
  /** Runs to the end and returns the result; rejects only with the reason of an aborted signal. */
  run(command: Command, options: RunOptions): Promise<RunResult>;
}

/** Reads from us what never comes, until we are gone. */
const BOUND = 'exec 3<&0 </dev/null; (while read -r _; do :; done <&3; kill -9 0) >/dev/null 2>&1 & exec "$@" 3<&-';

const NOT_RUN = { outcome: 'exited', exitCode: -1, stdout: '', stderr: '' } as const;

const LIMIT = 16 * 1024 * 1024;

export function systemRunner(clock: Clock, kill: Kill): Runner {
  return {
    async run(command, given) {
      const { execa } = await import('execa');
      given.signal?.throwIfAborted();
      const held = given.stdoutFile === undefined ? undefined : await holdFile(given.stdoutFile).catch(systemCode);
      if (typeof held === 'string') return { ...NOT_RUN, fileError: held };
      const options = held ? { ...given, stdoutFile: held.path } : given;
      const child = execa(...startOf(command, options));
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
      const outcome = child.pid === undefined ? 'not-found' : group.timedOut() ? 'timeout' : 'exited';
      return { outcome, ...endOf(result, options), ...text };
    },
  };
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
      // Old docker CLIs pass no signal on to their plugins (docker/cli#4402): the whole group must be ended.
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

/** What cannot be ended, or has left its pipes to another process, must not keep us. */
function abandon(child: Abandoned, whole: Promise<unknown>): void {
  whole.catch(() => undefined);
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  child.unref?.();
}

/** Closed when nothing is given: a Compose that asks a question on an open pipe hangs for ever (docker/compose#10060). */
function stdinOf(stdin: RunOptions['stdin']) {
  if (!stdin) return { stdin: 'ignore' } as const;
  return 'text' in stdin ? { input: stdin.text } : { inputFile: stdin.file };
}

/** A child that reads no more of its stdin is no failure of a file. */
function fileErrorOf({ code: own, cause }: Ended): string | undefined {
  const code = own ?? systemCode(cause);
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' ? undefined : code;
}
