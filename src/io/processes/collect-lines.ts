import type { Readable } from 'node:stream';

type OnLine = (line: string, stream: 'stdout' | 'stderr') => void;

const TAIL = 64 * 1024;
/** Longer lines are cut, because some programs log whole requests. */
export const LONGEST_LINE = 256 * 1024;

/** Reads both streams to the end, reports each line as it arrives, and returns the last 64 KiB of each stream. */
export async function collectLines(
  child: { readonly stdout: Readable; readonly stderr: Readable },
  onLine: OnLine,
): Promise<{ stdout: string; stderr: string }> {
  const [stdout, stderr] = await Promise.all([
    readLines(child.stdout, (line) => onLine(line, 'stdout')),
    readLines(child.stderr, (line) => onLine(line, 'stderr')),
  ]);
  return { stdout, stderr };
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<string> {
  stream.setEncoding('utf8');
  let rest = '';
  let tail = '';
  let afterReturn = false;
  for await (const chunk of stream) {
    tail = (tail + chunk).slice(-TAIL);
    // CR and LF can arrive in separate chunks, but together they end one line.
    const [first = '', ...others] = (afterReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk).split(
      /\r\n|\n|\r/,
    );
    afterReturn = chunk.endsWith('\r');
    rest = cutLine(rest, first);
    for (const next of others) {
      onLine(rest);
      rest = cutLine('', next);
    }
  }
  if (rest !== '') onLine(rest);
  return tail;
}

/** Appends to a line, up to its maximum length. */
function cutLine(line: string, more: string): string {
  if (line.length > LONGEST_LINE) return line;
  const whole = line + more;
  return whole.length > LONGEST_LINE ? `${whole.slice(0, LONGEST_LINE)}…` : whole;
}
