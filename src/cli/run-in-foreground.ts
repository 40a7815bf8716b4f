import type { Invocation } from '../context/invocation.ts';
import { type InheritedChild, runInherited } from '../io/processes/inherited-child.ts';
import type { StopSignal } from '../io/terminal/interrupts.ts';
import { warningLine } from '../model/report.ts';

/** Says the warnings, leaves the terminal to a program, and gives its exit code. */
export function runInForeground(
  program: Pick<InheritedChild, 'file' | 'args' | 'env'>,
  warnings: readonly string[],
  { context, progress }: Pick<Invocation, 'context' | 'progress'>,
): Promise<number> {
  progress.end(true);
  for (const warning of warnings) context.streams.stderr.write(warningLine(warning));
  // A terminal sends Ctrl-C to all of its foreground, the child included; a second one would mean "at once" to many.
  const hasGot = (name: StopSignal) => name === 'SIGINT' && context.streams.stdin.isTTY === true;
  return runInherited({ ...context, ...program, hasGot });
}
