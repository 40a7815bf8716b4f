import type { Invocation } from '../context/invocation.ts';
import { type Outcome, successEnvelope, warningLine } from '../model/report.ts';
import { jsonText, oneLineEach } from '../text/shown-text.ts';
import type { Render } from './invoke.ts';

/** Writes the outcome of a command: a JSON envelope on one line, or text with its warnings on stderr. */
export function showOutcome<Data>(
  command: string,
  outcome: Outcome<Data>,
  render: Render<Data>,
  { context, settings, paint }: Pick<Invocation, 'context' | 'settings' | 'paint'>,
): void {
  const { stdout, stderr } = context.streams;
  if (settings.json) stdout.write(`${jsonText(successEnvelope(command, outcome))}\n`);
  else {
    for (const warning of outcome.warnings ?? []) stderr.write(warningLine(warning));
    stdout.write(render(oneLineEach(outcome.data, outcome.ownLines), paint));
  }
}
