import { type Command, InvalidArgumentError, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addBaseUrl } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { type AdminFlags, openAdmin } from '../litellm/open-admin.ts';
import { type DailySpend, dailySpend, SPEND_BY, type SpendBy } from '../litellm/requests/daily-spend.ts';
import { renderSpend } from '../litellm/requests/spend-view.ts';
import type { Outcome } from '../model/report.ts';
import { momentOf } from '../text/duration.ts';

export interface SpendFlags extends AdminFlags {
  readonly by: SpendBy;
  /** Days back (`7d`) or a date. */
  readonly since: string;
}

export function registerSpend(command: Command, invoke: Invoke, run = runSpend): void {
  addNotes(command, NOTES);
  addBaseUrl(command)
    .addOption(new Option('--by <part>', 'what each line is for').choices(SPEND_BY).default('model'))
    .option('--since <day>', 'only later days: 7d, 30d or 2026-01-31 (UTC)', parseDay, '7d')
    .action(() => invoke(command, (invocation) => run(command.opts<SpendFlags>(), invocation), renderSpend));
}

function parseDay(text: string): string {
  if (/^\d{1,4}d$/.test(text)) return text;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('Spend is counted by whole days (UTC): 7d or 2026-01-31');
}

async function runSpend(flags: SpendFlags, invocation: Invocation): Promise<Outcome<DailySpend>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: await dailySpend(client, flags.by, momentOf(flags.since, client.clock.now())) };
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm spend',
    'agents-llm spend --by key --since 30d',
    'agents-llm spend --by day --json | jq .data.total.cost',
  ],
  json: '{by, from, to, rows: [{name, requests, failed, promptTokens, completionTokens, totalTokens, cost}], total: {requests, failed, promptTokens, completionTokens, totalTokens, cost}}',
  exits: [4, 5, 7, 8, 10],
};
