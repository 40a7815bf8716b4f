import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { timeoutOption } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { withLock } from '../project/with-lock.ts';
import { requireReady } from '../stack/open/made-stack.ts';
import type { RuntimeFor } from '../stack/open/open-stack.ts';
import { verifyData } from '../stack/verify/verify-data.ts';
import type { VerifyData, VerifyMode } from '../stack/verify/verify-result.ts';
import { describeLosses, renderVerify } from '../stack/verify/verify-view.ts';
import { oneLineEach } from '../text/shown-text.ts';

export interface VerifyFlags {
  readonly recreate?: boolean;
  /** False for `--no-restart`. */
  readonly restart?: boolean;
  readonly timeout: number;
}

export function registerVerifyPersistence(command: Command, invoke: Invoke, run = runVerifyPersistence): void {
  addNotes(command, NOTES);
  command
    .addOption(new Option('--recreate', 'recreate the containers (default)').conflicts('restart'))
    .option('--restart', 'stop and start the same containers')
    .option('--no-restart', 'only check: nothing is interrupted')
    .addOption(timeoutOption())
    .action(() => invoke(command, (invocation) => run(command.opts<VerifyFlags>(), invocation), renderVerify));
}

export function modeOf({ restart }: VerifyFlags): VerifyMode {
  if (restart === undefined) return 'recreate';
  return restart ? 'restart' : 'no-restart';
}

export async function runVerifyPersistence(
  flags: VerifyFlags,
  invocation: Invocation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<VerifyData>> {
  const { clock } = invocation.context;
  const began = clock.now();
  return withLock(invocation, 'verify-persistence', flags.timeout, async () => {
    const stack = await requireReady(invocation, runtimeFor);
    const deadline = clock.now() + flags.timeout;
    const { warnings, ...found } = await verifyData(invocation, stack, { mode: modeOf(flags), deadline });
    const data = { ...found, elapsedMs: clock.now() - began };
    if (data.checks.every(({ ok }) => ok)) return { data, warnings };
    throw new CliError('data_lost', describeLosses(oneLineEach(data)).split('\n'), {
      hint: FIXES,
      details: { ...data },
    });
  });
}

const FIXES = `Nothing was repaired. See the service logs: agents-llm logs
Restore a backup: agents-llm restore latest`;

const NOTES: CommandNotes = {
  examples: ['agents-llm verify-persistence', 'agents-llm verify-persistence --no-restart --json'],
  json: '{project, mode, runtime, checks: [{id, ok, skipped?, seen}], inventory: {providers, aliases, keys, teams}, losses: [{kind, name, what: "lost"|"changed"|"unreadable", why}], elapsedMs}; the same in error.details',
  exits: [4, 5, 6, 7, 8, 9, 10],
};
