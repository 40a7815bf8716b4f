import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { publicUrl } from '../model/stack-spec.ts';
import { openStack } from '../stack/open/open-stack.ts';
import { knownSpec } from '../stack/open/plan-spec.ts';
import { refuseOtherProgram } from '../stack/open/refuse-other-program.ts';

export interface UiFlags {
  readonly open?: boolean;
  readonly reveal?: boolean;
}

export interface UiData {
  readonly url: string;
  readonly username: string;
  /** In full on a terminal, with `--reveal`, and if it is LiteLLM's default `admin`; otherwise masked. */
  readonly password: string;
  readonly opened: boolean;
}

export function registerUi(command: Command, invoke: Invoke, run = runUi): void {
  addNotes(command, NOTES);
  command
    .option('--open', 'open it in the browser')
    .option('--reveal', 'show the password, also in a pipe and with --json')
    .action(() => invoke(command, (invocation) => run(command.opts<UiFlags>(), invocation), renderUi));
}

export async function runUi(flags: UiFlags, invocation: Invocation): Promise<Outcome<UiData>> {
  const { settings, context } = invocation;
  const { state, secrets, runtime } = await openStack(invocation);
  if (!state || !secrets) {
    throw new CliError('not_running', 'No stack exists yet', {
      hint: 'Create it: agents-llm up',
    });
  }
  const spec = knownSpec(settings.project, state, runtime.defaults);
  if (!spec.tls) await refuseOtherProgram(invocation, runtime, spec);
  const url = `${publicUrl(spec)}/ui/`;
  const isSeen = context.streams.stdout.isTerminal && !settings.json;
  const plain = flags.reveal || isSeen || secrets.uiPassword.reveal() === 'admin';
  const password = plain ? secrets.uiPassword.reveal() : secrets.uiPassword.mask;
  const opened = flags.open ? await context.browser.open(url) : false;
  return {
    data: { url, username: secrets.uiUsername, password, opened },
    warnings: flags.open && !opened ? [`Cannot open a browser. Open ${url} yourself`] : [],
  };
}

export function renderUi({ url, username, password }: UiData): string {
  return `${url}\nLogin: ${username} / ${password}\n`;
}

const NOTES: CommandNotes = {
  examples: ['agents-llm ui', 'agents-llm ui --open', 'agents-llm ui --reveal'],
  json: '{url, username, password, opened}',
  exits: [6, 9, 10],
};
