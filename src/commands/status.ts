import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import { showOutcome } from '../cli/show-outcome.ts';
import type { Invocation } from '../context/invocation.ts';
import { CliError, EXIT } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import type { OutputFormat } from '../model/settings.ts';
import { observeStack } from '../stack/lifecycle/observe-stack.ts';
import type { ServiceView, StatusData } from '../stack/lifecycle/stack-status.ts';
import { renderStatus, statusVariables } from '../stack/lifecycle/status-view.ts';

export interface StatusFlags {
  readonly watch?: boolean;
  readonly output?: OutputFormat;
  readonly sizes?: boolean;
}

const WATCH_EVERY_MS = 2000;

export function registerStatus(command: Command, invoke: Invoke, run = runStatus): void {
  addNotes(command, NOTES);
  command
    .option('-w, --watch', 'show every change until Ctrl-C; with --json one object per line')
    .option('--sizes', 'also measure the database and its largest tables')
    .addOption(new Option('-o, --output <format>', 'text, json, or env for a shell').choices(['text', 'json', 'env']))
    .action(() => {
      const flags = command.opts<StatusFlags>();
      command.setOptionValue('format', flags.output);
      const render = flags.output === 'env' ? (data: StatusData) => statusVariables(data) : renderStatus;
      return invoke(command, (invocation) => run(flags, invocation), flags.watch ? null : render);
    });
}

export async function runStatus(flags: StatusFlags, invocation: Invocation): Promise<Outcome<StatusData>> {
  if (flags.watch && flags.output === 'env') {
    throw new CliError('usage', '--watch and -o env cannot be used together', {
      hint: 'Watch with one JSON object per line: agents-llm status --watch -o json',
    });
  }
  if (flags.watch) return watchStatus(invocation);
  const observed = await observeStack(invocation, flags);
  return { ...observed, exitCode: exitCodeOf(observed.data) };
}

/** 0 if ready, 10 if nothing runs, 7 for everything in between. */
export function exitCodeOf({ state }: StatusData): 0 | 7 | 10 {
  if (state === 'ready' || state === 'ready-on-another-engine') return EXIT.done;
  return state === 'not-created' || state === 'created' || state === 'exited' ? EXIT.notRunning : EXIT.notReady;
}

/** Runs until the signal, whose reason gives the exit code, or with 0 until the reader closes stdout. */
async function watchStatus(invocation: Invocation): Promise<Outcome<StatusData>> {
  const { context, settings } = invocation;
  const { stdout } = context.streams;
  const draws = stdout.isTerminal && !settings.json;
  const stop = AbortSignal.any([context.signal, stdout.closed]);
  let shown = '';
  for (;;) {
    const outcome = await observeStack(invocation);
    const { data, warnings } = outcome;
    const seen = JSON.stringify({ ...data, services: data.services.map(withoutFigures), warnings });
    if (seen !== shown || draws) {
      shown = seen;
      if (draws) stdout.writeRaw('\x1b[H\x1b[2J');
      showOutcome('status', outcome, renderStatus, invocation);
    }
    try {
      await context.clock.sleep(WATCH_EVERY_MS, stop);
    } catch (error) {
      if (!stdout.closed.aborted || context.signal.aborted) throw error;
      return { data };
    }
  }
}

/** Figures that differ on every call do not count as a change. */
const withoutFigures = ({ uptimeMs: _, memoryBytes: __, ...rest }: ServiceView) => rest;

const NOTES: CommandNotes = {
  examples: [
    'agents-llm status',
    'agents-llm status --json | jq -r .data.state',
    'agents-llm status --watch --json | jq .data.state',
    'eval "$(agents-llm status -o env)"',
  ],
  json: '{project, runtime, state, reason, url, localUrl, tls, uiUrl, version, database, models, keys, engine: {endpoint, remembered}, services: [{service, status, health, restarts, uptimeMs, memoryBytes, image, version, id}], pinnedImage, databaseSize: {bytes, tables: [{name, bytes}], logBytes, logRetention}|null, fastStart}',
  exits: [5, 7, 9, 10],
};
