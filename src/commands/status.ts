import { type Command, Option } from 'commander';
import { EXIT } from '../errors.ts';
import type { Outcome } from '../report.ts';
import type { OutputFormat } from '../settings.ts';
import { helpFooter } from './help-footer.ts';
import type { Invocation, Invoke } from './invocation.ts';
import { observeStack } from './observe-stack.ts';
import { renderStatus, type ServiceView, type StatusData, statusVariables } from './status-view.ts';

export interface StatusFlags {
  readonly watch?: boolean;
  readonly output?: OutputFormat;
}

const WATCH_EVERY_MS = 2000;

export function registerStatus(command: Command, invoke: Invoke, run = runStatus): void {
  command
    .option('-w, --watch', 'show it again whenever it changes, until Ctrl-C')
    .addOption(new Option('-o, --output <format>', 'text, json, or env for a shell').choices(['text', 'json', 'env']))
    .addHelpText('after', FOOTER)
    .action(() => {
      const flags = command.opts<StatusFlags>();
      command.setOptionValue('format', flags.output);
      const render = flags.output === 'env' ? (data: StatusData) => statusVariables(data) : renderStatus;
      return invoke(command, (invocation) => run(flags, invocation), flags.watch ? null : render);
    });
}

export async function runStatus(flags: StatusFlags, invocation: Invocation): Promise<Outcome<StatusData>> {
  if (flags.watch) return watchStatus(invocation);
  const observed = await observeStack(invocation);
  return { ...observed, exitCode: exitCodeOf(observed.data) };
}

/** 0 ready, 10 when there is nothing to wait for, 7 for all between. */
export function exitCodeOf({ state }: StatusData): 0 | 7 | 10 {
  if (state === 'ready' || state === 'ready-on-another-engine') return EXIT.done;
  return state === 'not-created' || state === 'created' || state === 'exited' ? EXIT.notRunning : EXIT.notReady;
}

/** Ends by the signal alone, whose reason gives the exit code. */
async function watchStatus(invocation: Invocation): Promise<never> {
  const { context, settings, paint } = invocation;
  const { stdout } = context.streams;
  let shown = '';
  for (;;) {
    const { data } = await observeStack(invocation);
    const seen = JSON.stringify({ ...data, services: data.services.map(withoutFigures) });
    if (seen !== shown || stdout.isTerminal) {
      shown = seen;
      const clear = stdout.isTerminal && !settings.json ? '\x1b[H\x1b[2J' : '';
      stdout.write(clear + (settings.json ? `${JSON.stringify(data)}\n` : renderStatus(data, paint)));
    }
    await context.clock.sleep(WATCH_EVERY_MS, AbortSignal.any([context.signal, stdout.closed]));
  }
}

/** What is another at each look is no change. */
const withoutFigures = ({ uptimeMs: _, memoryBytes: __, ...rest }: ServiceView) => rest;

const FOOTER = helpFooter({
  examples: ['agents-llm status', 'agents-llm status --json | jq -r .data.state', 'eval "$(agents-llm status -o env)"'],
  json: '{project, runtime, state, reason, url, localUrl, tls, uiUrl, version, database, models, keys, engine: {endpoint, remembered}, services: [{service, status, health, restarts, uptimeMs, memoryBytes, image, version, id}], pinnedImage}',
  exits: [5, 7, 9, 10],
});
