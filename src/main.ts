import { CommanderError } from 'commander';
import { helpWords } from './cli/help-words.ts';
import { refusePastedKeys } from './cli/pasted-key.ts';
import { COMMANDS } from './commands/command-table.ts';
import type { Context } from './context/context.ts';
import { type Paint, paintFor } from './io/terminal/paint.ts';
import { CliError, EXIT } from './model/errors.ts';
import { withTypedHint } from './model/hint-text.ts';
import { createRedaction } from './model/redaction.ts';
import { failureEnvelope } from './model/report.ts';
import { looksForJson } from './model/settings.ts';
import { DEFAULT_PROJECT } from './model/stack-spec.ts';
import { buildProgram, type Session } from './program.ts';
import { jsonText } from './text/shown-text.ts';

export { systemContext } from './context/context.ts';

/** Runs one command line and returns its exit code. The only place where an error is shown. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  const words = helpWords(argv, COMMANDS);
  const ours = words.slice(0, words.includes('--') ? words.indexOf('--') : words.length);
  const session: Session = {
    command: 'agents-llm',
    exitCode: EXIT.done,
    project: DEFAULT_PROJECT,
    verboseHelp: ours.includes('--verbose'),
    redaction: createRedaction(),
    warnings: [],
  };
  try {
    refusePastedKeys(ours);
    await buildProgram(context, session).parseAsync(words, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const failure = withTypedHint(await asCliError(error, session.command), session.project, context);
    if (session.json ?? looksForJson(ours, context.env)) {
      const text = jsonText(failureEnvelope(session.command, failure, session.warnings));
      context.streams.stdout.write(`${session.redaction.apply(text)}\n`);
    } else {
      const paint = await paintFor(context.env, context.streams.stderr.isTerminal);
      context.streams.stderr.write(session.redaction.apply(renderError(failure, paint)));
    }
    if (failure.code === 'unexpected' && ours.includes('--debug') && error instanceof Error) {
      context.streams.stderr.write(`${session.redaction.apply(error.stack ?? '')}\n`);
    }
    return failure.exitCode;
  }
}

async function asCliError(error: unknown, command: string): Promise<CliError> {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    const { usageMessage } = await import('./cli/usage-message.ts');
    const scope = command === 'agents-llm' ? command : `agents-llm ${command}`;
    const message = error.code === 'commander.help' ? 'No command given' : usageMessage(error.message, command);
    return new CliError('usage', message, { hint: `See the help: ${scope} --help` });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CliError('unexpected', message, {
    cause: error,
    hint: 'This is a defect of agents-llm. Run the command again with --debug and report the output',
  });
}

/** The error, then the last log lines of the service if there are any, then the hints. */
function renderError(error: CliError, paint: Paint): string {
  const log = error.details.log;
  const lines = [`${paint.red('error:')} ${error.message}`];
  if (Array.isArray(log)) lines.push(...log.map((line) => paint.dim(`  | ${line}`)));
  if (error.hint !== null) lines.push(...error.hint.split('\n').map((line) => `${paint.cyan('hint:')} ${line}`));
  return `${lines.join('\n')}\n`;
}
