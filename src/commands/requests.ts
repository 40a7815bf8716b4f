import { type Command, InvalidArgumentError } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addBaseUrl, parseSince } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { type AdminFlags, openAdmin } from '../litellm/open-admin.ts';
import { followRequests, type RequestFeed } from '../litellm/requests/follow-requests.ts';
import { latestRequests, oneRequest, type RequestFilter } from '../litellm/requests/list-requests.ts';
import type { LoggedRequest } from '../litellm/requests/logged-request.ts';
import { renderRequest, renderRequests, requestLine } from '../litellm/requests/requests-view.ts';
import { hintText } from '../model/hint-text.ts';
import type { Outcome } from '../model/report.ts';
import { momentOf } from '../text/duration.ts';
import { jsonText } from '../text/shown-text.ts';

export interface RequestsFlags extends AdminFlags, RequestFilter {
  readonly follow?: boolean;
  readonly number: number;
  readonly since: string;
}

export interface RequestsData {
  readonly requests: readonly LoggedRequest[];
}

const FOLLOW_EVERY_MS = 2000;

export function registerRequests(command: Command, invoke: Invoke, run = runRequests): void {
  addNotes(command, NOTES);
  addBaseUrl(command)
    .option('-f, --follow', 'keep printing new requests until Ctrl-C')
    .option('-n, --number <count>', 'at most so many, the newest', parseCount, 20)
    .option('--key <name>', 'only of this virtual key')
    .option('--model <alias>', 'only of this alias')
    .option('--failed', 'only those that failed')
    .option('--since <time>', 'only newer ones: 1h, 7d or 2026-01-31T12:00:00Z', parseSince, '30d')
    .action(() => {
      const flags = command.opts<RequestsFlags>();
      return invoke(command, (invocation) => run(flags, invocation), flags.follow ? null : renderRequests);
    });
  const show = command.command('show').description('Show one request with its reason').argument('<id>', 'its id');
  addBaseUrl(show).action((id: string) =>
    invoke(show, (invocation) => runShow(id, show.optsWithGlobals<AdminFlags>(), invocation), renderRequest),
  );
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A count is a whole number from 1 to 9999');
}

async function runRequests(flags: RequestsFlags, invocation: Invocation): Promise<Outcome<RequestsData>> {
  const { client } = await openAdmin(invocation, flags);
  const since = momentOf(flags.since, client.clock.now());
  // Requests that are logged between the two reads are in the second one or in the feed.
  const feed = flags.follow ? await followRequests(client, flags) : undefined;
  const requests = await latestRequests(client, flags, since, flags.number);
  if (feed) await follow(feed, requests, invocation);
  return { data: { requests: requests.map((row) => withHintFor(row, invocation)) } };
}

async function runShow(id: string, flags: AdminFlags, invocation: Invocation): Promise<Outcome<LoggedRequest>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: withHintFor(await oneRequest(client, id), invocation) };
}

/** With a command that is meant for this project. */
const withHintFor = (row: LoggedRequest, { context, settings }: Invocation): LoggedRequest =>
  row.hint === null ? row : { ...row, hint: hintText(row.hint, settings.project, context) };

/** Runs until the signal, or until the reader closes stdout. */
async function follow(feed: RequestFeed, first: readonly LoggedRequest[], invocation: Invocation): Promise<void> {
  const { context, settings } = invocation;
  const { stdout } = context.streams;
  const stop = AbortSignal.any([context.signal, stdout.closed]);
  const write = (logged: LoggedRequest) => {
    const row = withHintFor(logged, invocation);
    stdout.write(`${settings.json ? jsonText(row) : requestLine(row)}\n`);
  };
  const shown = new Set(first.map(({ id }) => id));
  for (const row of first) write(row);
  try {
    for (;;) {
      await context.clock.sleep(FOLLOW_EVERY_MS, stop);
      for (const row of await feed.next()) if (!shown.has(row.id)) write(row);
    }
  } catch (error) {
    if (!stdout.closed.aborted || context.signal.aborted) throw error;
  }
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm requests -f',
    'agents-llm requests --failed --since 1h',
    'agents-llm requests --json | jq ".data.requests[].cost"',
  ],
  json: '{requests: [{id, time, key, model, target, status, promptTokens, completionTokens, totalTokens, cost, latencyMs, client, reason, hint}]}; show: one of them; -f: one object a line',
  exits: [4, 5, 7, 8, 10],
};
