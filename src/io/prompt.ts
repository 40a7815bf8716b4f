import { createInterface } from 'node:readline/promises';
import type { Streams } from './streams.ts';

/** Asks for yes or no on a terminal; no is the default. Rejects with the signal's reason when aborted. */
export async function confirm(question: string, streams: Streams, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: streams.stdin, output: streams.stderr.stream, terminal: true });
  // In raw mode the terminal turns Ctrl-C into a key press, so that no signal reaches the process.
  const interrupted = new AbortController();
  lines.on('SIGINT', () => interrupted.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, {
      signal: AbortSignal.any([signal, interrupted.signal]),
    });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (interrupted.signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
