import { type Outcome, successEnvelope } from '../report.ts';
import type { Invocation, Render } from './invocation.ts';

/** Writes what a command came to: one envelope on a line, or text with its warnings on stderr. */
export function showOutcome<Data>(
  command: string,
  outcome: Outcome<Data>,
  render: Render<Data>,
  { context, settings, paint }: Pick<Invocation, 'context' | 'settings' | 'paint'>,
): void {
  const { stdout, stderr } = context.streams;
  if (settings.json) stdout.write(`${JSON.stringify(successEnvelope(command, outcome))}\n`);
  else {
    for (const warning of outcome.warnings ?? []) stderr.write(`warning: ${warning}\n`);
    stdout.write(render(outcome.data, paint));
  }
}
