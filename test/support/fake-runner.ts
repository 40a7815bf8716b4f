import type { Command, Runner, RunOptions, RunResult } from '../../src/io/processes/runner.ts';

type Answer = Partial<RunResult>;

export interface FakeCommand {
  /** The whole command line, parts joined by a space. */
  readonly line: string;
  readonly result?: Answer | ((options: RunOptions) => Answer | Promise<Answer>);
  /** Answers any number of times, none included; otherwise exactly once. */
  readonly repeat?: boolean;
}

export interface FakeRunner extends Runner {
  /** The commands that ran, in order, with their input. */
  readonly calls: readonly { readonly line: string; readonly options: RunOptions }[];
  /** Throws when something unexpected was run, or something expected was not. */
  assertDone(): void;
}

/** Answers from a table; one command twice in it gives its results in turn. Whatever is not in it is refused. */
export function fakeRunner(table: readonly FakeCommand[] = []): FakeRunner {
  const left = [...table];
  const calls: { line: string; options: RunOptions }[] = [];
  const unexpected: string[] = [];
  return {
    calls,
    async run(command: Command, options: RunOptions) {
      options.signal?.throwIfAborted();
      const line = [command.file, ...command.args].join(' ');
      calls.push({ line, options });
      const index = left.findIndex((entry) => entry.line === line);
      const entry = left[index];
      if (!entry) {
        unexpected.push(line);
        throw new Error(`unexpected command: ${line}`);
      }
      if (!entry.repeat) left.splice(index, 1);
      const answer = typeof entry.result === 'function' ? await entry.result(options) : (entry.result ?? {});
      const result: RunResult = { outcome: 'exited', exitCode: 0, stdout: '', stderr: '', ...answer };
      emitLines(result, options);
      return result;
    },
    assertDone() {
      if (unexpected.length > 0) throw new Error(`unexpected commands: ${unexpected.join('; ')}`);
      const unused = left.filter((entry) => !entry.repeat).map((entry) => entry.line);
      if (unused.length > 0) throw new Error(`commands that were never run: ${unused.join('; ')}`);
    },
  };
}

function emitLines(result: RunResult, options: RunOptions): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const lines = result[stream].split(/\r\n|\n|\r/);
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) options.onLine?.(line, stream);
  }
}
