import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../../cli/command-help.ts';
import { addBaseUrl, parseTimeout } from '../../cli/flag-values.ts';
import type { Invoke } from '../../cli/invoke.ts';
import { keyWish } from '../../cli/provision-flags.ts';
import type { Invocation } from '../../context/invocation.ts';
import { keepOutOfLogs } from '../../context/keep-out-of-logs.ts';
import type { Admin } from '../../litellm/admin/admin.ts';
import { fits } from '../../litellm/admin/aliases.ts';
import type { ProvisionedKey } from '../../litellm/keys/key-wish.ts';
import { provisionKey } from '../../litellm/keys/provision-key.ts';
import { type AdminFlags, openAdmin } from '../../litellm/open-admin.ts';
import { type ChatAnswer, chat } from '../../litellm/requests/chat.ts';
import { requireChatModel } from '../../litellm/requests/require-chat-model.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { shellWord } from '../../text/shown-text.ts';

export interface ChatFlags extends AdminFlags {
  readonly alias?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface ChatWords {
  readonly model: string;
  /** Undefined to read it from stdin. */
  readonly prompt: string | undefined;
}

const DEFAULT_MODEL = 'gpt-5';
const TIMEOUT_MS = 600_000;

export function registerChat(command: Command, invoke: Invoke, run = runChat): void {
  addNotes(command, NOTES);
  addBaseUrl(command)
    .argument('[model]', `the alias to ask (default ${DEFAULT_MODEL}); a single word with a space in it is the prompt`)
    .argument('[prompt...]', 'the question; stdin if it is left out')
    .option('--alias <name>', 'name of the virtual key (default agents-service, LITELLM_KEY_ALIAS)')
    .option('--timeout <duration>', 'how long the whole answer may take (default 10m)', parseTimeout, TIMEOUT_MS)
    .action((first: string | undefined, rest: string[]) =>
      invoke(command, (invocation) => run(wordsOf(first, rest), command.opts<ChatFlags>(), invocation), renderChat),
    );
}

/** `chat "Say hello"` asks the default model; a name has no space in it. */
export function wordsOf(first: string | undefined, rest: readonly string[]): ChatWords {
  if (first === undefined) return { model: DEFAULT_MODEL, prompt: undefined };
  if (rest.length > 0) return { model: first, prompt: rest.join(' ') };
  return /^$|\s/.test(first) ? { model: DEFAULT_MODEL, prompt: first } : { model: first, prompt: undefined };
}

/** Streams the answer to stdout; with `--json` it is printed whole. */
export async function runChat(
  words: ChatWords,
  flags: ChatFlags,
  invocation: Invocation,
): Promise<Outcome<ChatAnswer | null>> {
  const { context, settings } = invocation;
  const { stdout } = context.streams;
  const signal = AbortSignal.any([context.signal, stdout.closed]);
  try {
    const admin = await openAdmin({ ...invocation, context: { ...context, signal } }, flags);
    const prompt = await promptOf(words, invocation);
    const key = await keyFor(words.model, admin, flags, invocation);
    for (const warning of key.warnings) invocation.warn(warning);
    const wish = { ...words, prompt, key: key.key, keyAlias: key.alias, timeoutMs: flags.timeout };
    const answer = await (settings.json ? chat(admin.client, wish) : streamed(admin, wish, invocation));
    const isEmpty = answer.text.trim() === '';
    return { data: answer, warnings: isEmpty ? [`"${wish.model}" answered without any text`] : [] };
  } catch (error) {
    if (!stdout.closed.aborted || context.signal.aborted) throw error;
    return { data: null };
  }
}

async function streamed(
  { client }: Admin,
  wish: Parameters<typeof chat>[1],
  { context, redaction }: Invocation,
): Promise<ChatAnswer> {
  const { stdout } = context.streams;
  let last = '\n';
  const onText = (piece: string) => {
    stdout.write(redaction.apply(piece));
    last = piece;
  };
  try {
    return await chat(client, { ...wish, onText });
  } finally {
    if (!last.endsWith('\n')) stdout.write('\n');
  }
}

async function promptOf({ model, prompt }: ChatWords, { context }: Invocation): Promise<string> {
  const { stdin } = context.streams;
  const given = prompt ?? (stdin.isTTY ? '' : await text(stdin));
  if (given.trim() !== '') return given;
  throw new CliError('usage', 'No prompt given', {
    hint: `Give one: agents-llm chat ${shellWord(model)} "Say hello"`,
  });
}

/** The virtual key that `run` and `env` use; a new one allows this model. */
async function keyFor(model: string, admin: Admin, flags: ChatFlags, invocation: Invocation): Promise<ProvisionedKey> {
  const wish = { ...keyWish(flags, invocation.context.env), modelsIfNew: [model] };
  const key = await provisionKey(admin, wish, requireChatModel(admin.client, model));
  keepOutOfLogs(key.key, invocation);
  requireAllowed(key, model);
  return key;
}

function requireAllowed({ alias, models }: ProvisionedKey, model: string): void {
  const isAllowed =
    models.length === 0 || models.some((each) => each.startsWith('all-') || each === model || fits(each, model));
  if (isAllowed) return;
  throw new CliError('request_rejected', `Virtual key "${alias}" is not allowed to use "${model}"`, {
    hint: [
      `Allow it: agents-llm provision-key --alias ${shellWord(alias)} --models ${shellWord([...models, model].join(','))}`,
      'Or use another virtual key with --alias NAME',
    ],
    details: { alias, models, model },
  });
}

/** In text the answer has been written already. */
const renderChat = () => '';

const NOTES: CommandNotes = {
  examples: [
    'agents-llm chat "Say hello"',
    'agents-llm chat fast "Explain this error: …"',
    'git diff | agents-llm chat gpt-5 --json',
  ],
  json: '{model, text, usage: {promptTokens, completionTokens, totalTokens} | null, cost, latencyMs}',
  exits: [4, 5, 7, 8, 10],
};
