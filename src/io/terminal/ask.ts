import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { interruption } from '../../model/errors.ts';
import { oneLine } from '../../text/shown-text.ts';
import type { Progress } from './progress.ts';
import type { Streams } from './streams.ts';

/** Where questions are asked; every invocation has it. */
export interface Terminal {
  readonly context: { readonly streams: Streams; readonly signal: AbortSignal };
  /** Paused, so that it does not overwrite the question. */
  readonly progress: Pick<Progress, 'pause'>;
}

/** Asks on a terminal without echoing. Rejects with the signal's reason and on Ctrl-C; empty at the end of input. */
export async function askHidden(question: string, terminal: Terminal): Promise<string> {
  return readAnswer(question, terminal, true);
}

// Not @inquirer/prompts, because its prompts install their own signal handlers and do not accept an answer outside the list.
/** Asks for one of several choices. Returns the choice with the number that was typed, or the text itself. */
export async function askChoice(question: string, choices: readonly string[], terminal: Terminal): Promise<string> {
  const { stderr } = terminal.context.streams;
  for (const [i, choice] of choices.entries()) stderr.write(`${String(i + 1).padStart(3)}  ${oneLine(choice)}\n`);
  const answer = (await readAnswer(question, terminal)).trim();
  return /^\d+$/.test(answer) ? (choices[Number(answer) - 1] ?? '') : answer;
}

/** Asks for yes or no; no is the default. */
export async function confirm(question: string, terminal: Terminal): Promise<boolean> {
  return /^y(es)?$/i.test((await readAnswer(`${question} [y/N]`, terminal)).trim());
}

async function readAnswer(asked: string, { context, progress }: Terminal, hidden = false): Promise<string> {
  const question = oneLine(asked);
  const { stdin, stderr } = context.streams;
  const resume = progress.pause();
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr.stream;
  const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
  const interrupted = new AbortController();
  const ended = new AbortController();
  // In raw mode the terminal turns Ctrl-C into a key press, so that no signal reaches the process.
  lines.on('SIGINT', () => interrupted.abort(interruption('SIGINT')));
  lines.on('close', () => ended.abort());
  const signal = AbortSignal.any([context.signal, interrupted.signal, ended.signal]);
  try {
    if (hidden) stderr.write(`${question} `);
    // readline erases its line when it starts, so it must write the question itself.
    return await lines.question(hidden ? '' : `${question} `, { signal });
  } catch (error) {
    context.signal.throwIfAborted();
    interrupted.signal.throwIfAborted();
    if (ended.signal.aborted) return '';
    throw error;
  } finally {
    lines.close();
    if (hidden) stderr.write('\n');
    resume();
  }
}
