import type { Readable } from 'node:stream';

/** Reads both streams to their ends, telling each line as it comes, and gives the last 64 KiB of each. */
export async function collectLines(
  child: { readonly stdout: Readable; readonly stderr: Readable },
  onLine: (line: string, stream: 'stdout' | 'stderr') => void,
): Promise<{ stdout: string; stderr: string }> {
  const read = async (stream: Readable, name: 'stdout' | 'stderr') => {
    stream.setEncoding('utf8');
    let rest = '';
    let tail = '';
    let afterReturn = false;
    for await (const chunk of stream) {
      tail = (tail + chunk).slice(-65_536);
      // CR and LF may come apart: together they end one line.
      const lines = (rest + (afterReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk)).split(/\r\n|\n|\r/);
      afterReturn = chunk.endsWith('\r');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line, name);
    }
    if (rest !== '') onLine(rest, name);
    return tail;
  };
  const [stdout, stderr] = await Promise.all([read(child.stdout, 'stdout'), read(child.stderr, 'stderr')]);
  return { stdout, stderr };
}
