import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { Clock } from './clock.ts';

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
  /** Milliseconds after which the child's process group is ended. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called for each line as it comes; a line ends at CR or LF, since progress bars use CR. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface RunResult {
  /** `not-found`: no such program, or none that may be run. `timeout`: ended by us. Otherwise the child ended by itself. */
  readonly outcome: 'exited' | 'not-found' | 'timeout';
  /** The exit code; 128 + n when it died of signal n; -1 when it never ran. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Runner {
  /** Runs to the end and gives what came of it; rejects only with the reason of an aborted signal. */
  run(command: Command, options: RunOptions): Promise<RunResult>;
}

/** How long a child may take to end by itself after SIGINT. */
const GRACE_MS = 5000;
const LOOK_EVERY_MS = 50;
const LIMIT = 16 * 1024 * 1024;

/** A process's `kill`: a negative id means its group. */
type Kill = (pid: number, signal: NodeJS.Signals | 0) => unknown;

export function systemRunner(clock: Clock, kill: Kill): Runner {
  return {
    async run(command, options) {
      const { execa } = await import('execa');
      options.signal?.throwIfAborted();
      const child = execa(command.file, command.args, {
        env: options.env as NodeJS.ProcessEnv,
        extendEnv: false,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        // A Compose that asks a question on an open pipe hangs for ever (docker/compose#10060).
        stdin: 'ignore',
        reject: false,
        // Old docker CLIs pass no signal on to their plugins (docker/cli#4402): the whole group must be ended.
        detached: true,
        cleanup: true,
        maxBuffer: LIMIT,
        buffer: options.onLine === undefined,
        stripFinalNewline: false,
      });
      const group = endOnDemand(child.pid, clock, kill, options);
      const lines = options.onLine ? collectLines(child, options.onLine) : undefined;
      const [result, text] = await Promise.all([child, lines]).finally(group.settle);
      options.signal?.throwIfAborted();
      return {
        outcome: child.pid === undefined ? 'not-found' : group.timedOut() ? 'timeout' : 'exited',
        exitCode: result.exitCode ?? (result.signal ? 128 + constants.signals[result.signal] : -1),
        stdout: text?.stdout ?? result.stdout ?? '',
        stderr: text?.stderr ?? result.stderr ?? '',
      };
    },
  };
}

/** Ends the child's process group when time is up or the signal comes; `settle` waits until that is done. */
function endOnDemand(pid: number | undefined, clock: Clock, kill: Kill, options: RunOptions) {
  const done = new AbortController();
  let timedOut = false;
  let ending: Promise<void> | undefined;
  const end = () => {
    if (pid !== undefined) ending ??= endGroup(pid, clock, kill);
  };
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.timeoutMs !== undefined) {
    const onTime = () => {
      timedOut = true;
      end();
    };
    clock.sleep(options.timeoutMs, done.signal).then(onTime, () => undefined);
  }
  return {
    timedOut: () => timedOut,
    async settle() {
      options.signal?.removeEventListener('abort', end);
      done.abort();
      await ending;
    },
  };
}

/** SIGINT first, SIGKILL after a grace. The child may be gone long before the children that it leaves behind. */
async function endGroup(pid: number, clock: Clock, kill: Kill): Promise<void> {
  const deadline = clock.now() + GRACE_MS;
  let alive = signalGroup(kill, pid, 'SIGINT');
  while (alive && clock.now() < deadline) {
    await clock.sleep(LOOK_EVERY_MS);
    alive = signalGroup(kill, pid, 0);
  }
  if (alive) signalGroup(kill, pid, 'SIGKILL');
}

/** False when nobody of the group is left. */
function signalGroup(kill: Kill, pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function collectLines(
  child: { readonly stdout: Readable; readonly stderr: Readable },
  onLine: NonNullable<RunOptions['onLine']>,
): Promise<{ stdout: string; stderr: string }> {
  const read = async (stream: Readable, name: 'stdout' | 'stderr') => {
    stream.setEncoding('utf8');
    let rest = '';
    let tail = '';
    let afterReturn = false;
    for await (const chunk of stream) {
      tail = (tail + chunk).slice(-65_536);
      // CR and LF may come apart: together they end one line.
      const lines = (rest + (afterReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk)).split(/\r\n|\n|\r/);
      afterReturn = chunk.endsWith('\r');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line, name);
    }
    if (rest !== '') onLine(rest, name);
    return tail;
  };
  const [stdout, stderr] = await Promise.all([read(child.stdout, 'stdout'), read(child.stderr, 'stderr')]);
  return { stdout, stderr };
}
