import { Argument, type Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { parseLineCount, parseServices, parseSince } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import type { Paint } from '../io/terminal/paint.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { ALL_SERVICES, DATABASE, type LogLine, type ServiceName } from '../model/service.ts';
import { servicesOf } from '../model/stack-spec.ts';
import { openStack } from '../stack/open/open-stack.ts';
import { jsonText } from '../text/shown-text.ts';

export interface LogsFlags {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly timestamps?: boolean;
  readonly since?: string;
}

export function registerLogs(command: Command, invoke: Invoke, run = runLogs): void {
  addNotes(command, NOTES);
  command
    .addArgument(new Argument('[service...]', `${ALL_SERVICES.join(', ')}; default: all`).argParser(parseServices))
    .option('-f, --follow', 'keep printing until the stack stops or Ctrl-C')
    .option('-n, --tail <lines>', 'only the last lines of each service', parseLineCount)
    .option('-t, --timestamps', 'show the time of each line')
    .option('--since <time>', 'only newer lines: 10m, 2h or 2026-01-31T12:00:00Z', parseSince)
    .action((services: readonly ServiceName[] | undefined) =>
      invoke(command, (invocation) => run(services ?? [], command.opts<LogsFlags>(), invocation), null),
    );
}

/** Writes each line as it arrives. Ends with 0 when the reader closes stdout. */
export async function runLogs(
  services: readonly ServiceName[],
  flags: LogsFlags,
  invocation: Invocation,
): Promise<Outcome<null>> {
  const { context, settings, redaction, paint } = invocation;
  const { stdout } = context.streams;
  const { runtime, state } = await openStack(invocation);
  const all = servicesOf(state ?? {});
  const query = {
    services: services.length > 0 ? services : all,
    follow: flags.follow ?? false,
    ...(flags.tail === undefined ? {} : { tail: flags.tail }),
    ...(flags.since === undefined ? {} : { since: flags.since }),
  };
  let isEmpty = true;
  const width = Math.max(...all.map((service) => service.length));
  try {
    for await (const line of runtime.logs(query, AbortSignal.any([context.signal, stdout.closed]))) {
      isEmpty = false;
      const clean = { ...line, text: redaction.apply(line.text) };
      stdout.write(settings.json ? `${jsonText(jsonLine(clean))}\n` : textLine(clean, flags, { paint, width }));
    }
  } catch (error) {
    if (!stdout.closed.aborted || context.signal.aborted) throw error;
  }
  // Containers can be there without the file that remembers them, so that only the end tells.
  if (isEmpty && !state) throw new CliError('not_running', 'No stack exists yet', { hint: 'Create it: agents-llm up' });
  return { data: null };
}

function jsonLine({ time, service, stream, text }: LogLine) {
  return { time, service, stream, message: text };
}

interface LineStyle {
  readonly paint: Paint;
  /** The width of the longest service name. */
  readonly width: number;
}

function textLine(line: LogLine, flags: LogsFlags, { paint, width }: LineStyle): string {
  const colour = line.service === DATABASE ? paint.magenta : paint.cyan;
  const time = flags.timestamps ? `${paint.dim(line.time)} ` : '';
  return `${colour(`${line.service.padEnd(width)} |`)} ${time}${line.text}\n`;
}

const NOTES: CommandNotes = {
  examples: ['agents-llm logs -f', 'agents-llm logs litellm -n 50 -t', 'agents-llm logs --since 10m --json'],
  json: 'none: one object a line, {time, service, stream, message}',
  exits: [5, 7, 9, 10],
};
