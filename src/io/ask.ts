import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Streams } from './streams.ts';

/** Asks on a terminal without showing what is typed. Rejects with the signal's reason; empty on Ctrl-C and end of input. */
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

async function readAnswer(
  lines: ReturnType<typeof createInterface>,
  question: string,
  streams: Streams,
  signal: AbortSignal,
): Promise<string> {
  // In raw mode the terminal turns Ctrl-C into a key press, so that no signal reaches the process.
  const ended = new AbortController();
  lines.on('SIGINT', () => ended.abort());
  lines.on('close', () => ended.abort());
  try {
    streams.stderr.write(`${question} `);
    return await lines.question('', { signal: AbortSignal.any([signal, ended.signal]) });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (ended.signal.aborted) return '';
    throw error;
  } finally {
    lines.close();
    streams.stderr.write('\n');
  }
}
