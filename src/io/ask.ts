import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { interruption } from '../errors.ts';
import type { Streams } from './streams.ts';

/** Asks on a terminal without showing what is typed. Rejects with the signal's reason and on Ctrl-C; empty at the end of input. */
export async function askHidden(question: string, streams: Streams, signal: AbortSignal): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: streams.stdin, output: silent, terminal: true, historySize: 0 });
  return readAnswer(lines, question, streams, signal);
}

/** Asks for one of several, by number or in words; the answer as it was typed, or the one of that number. */
export async function askChoice(
  question: string,
  choices: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<string> {
  for (const [i, choice] of choices.entries()) streams.stderr.write(`${String(i + 1).padStart(3)}  ${choice}\n`);
  const lines = createInterface({ input: streams.stdin, output: streams.stderr.stream, terminal: true });
  const answer = (await readAnswer(lines, question, streams, signal)).trim();
  return /^\d+$/.test(answer) ? (choices[Number(answer) - 1] ?? '') : answer;
}

/** Asks for yes or no; no is the default. */
export async function confirm(question: string, streams: Streams, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: streams.stdin, output: streams.stderr.stream, terminal: true });
  return /^y(es)?$/i.test((await readAnswer(lines, `${question} [y/N]`, streams, signal)).trim());
}

async function readAnswer(
  lines: ReturnType<typeof createInterface>,
  question: string,
  streams: Streams,
  signal: AbortSignal,
): Promise<string> {
  const interrupted = new AbortController();
  const ended = new AbortController();
  // In raw mode the terminal turns Ctrl-C into a key press, so that no signal reaches the process.
  lines.on('SIGINT', () => interrupted.abort(interruption('SIGINT')));
  lines.on('close', () => ended.abort());
  try {
    streams.stderr.write(`${question} `);
    return await lines.question('', { signal: AbortSignal.any([signal, interrupted.signal, ended.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    interrupted.signal.throwIfAborted();
    if (ended.signal.aborted) return '';
    throw error;
  } finally {
    lines.close();
    streams.stderr.write('\n');
  }
}
