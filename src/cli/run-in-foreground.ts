import type { Operation } from '../context/invocation.ts';
import { type InheritedChild, runInherited } from '../io/processes/inherited-child.ts';
import type { StopSignal } from '../io/terminal/interrupts.ts';
import { warningLine } from '../model/report.ts';
import { oneLine } from '../text/shown-text.ts';

const NOT_RUN: Readonly<Record<number, string>> = { 126: 'cannot be run', 127: 'not found' };

/** Prints the warnings, runs a program on this terminal and returns its exit code. */
export async function runInForeground(
  program: Pick<InheritedChild, 'file' | 'args' | 'env'>,
  warnings: readonly string[],
  { context, progress }: Pick<Operation, 'context' | 'progress'>,
): Promise<number> {
  progress.end(true);
  for (const warning of warnings) context.streams.stderr.write(warningLine(warning));
  // The terminal sends Ctrl-C to the child too. Forwarding it would be a second one, which many programs take as "quit now".
  const hasGot = (name: StopSignal) => name === 'SIGINT' && context.streams.stdin.isTTY === true;
  const run =
    context.platform === 'win32' ? (await import('../io/processes/windows-child.ts')).runOnWindows : runInherited;
  const exitCode = await run({ ...context, ...program, hasGot });
  const problem = NOT_RUN[exitCode];
  if (problem) context.streams.stderr.write(`agents-llm: ${oneLine(program.file)}: ${problem}\n`);
  return exitCode;
}
