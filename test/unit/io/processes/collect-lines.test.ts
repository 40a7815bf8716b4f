import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { collectLines, LONGEST_LINE } from '../../../../src/io/processes/collect-lines.ts';

async function linesOf(stdout: Readable): Promise<{ readonly lines: string[]; readonly tail: string }> {
  const stderr = new PassThrough();
  stderr.end();
  const lines: string[] = [];
  const text = await collectLines({ stdout, stderr }, (line) => lines.push(line));
  return { lines, tail: text.stdout };
}

test('ends lines at CR, LF or both, even when these arrive apart', async () => {
  const { lines, tail } = await linesOf(Readable.from(['a\r', '\nb', 'c\rd\n', 'e']));
  expect(lines).toEqual(['a', 'bc', 'd', 'e']);
  expect(tail).toBe('a\r\nbc\rd\ne');
});

test('truncates a line that is longer than the limit', async () => {
  const longest = 'x'.repeat(LONGEST_LINE);
  const { lines } = await linesOf(Readable.from([longest, '\n', longest, 'y'.repeat(1000), '\nnext\n', longest, 'z']));
  expect(lines).toEqual([longest, `${longest}…`, 'next', `${longest}…`]);
});

test('keeps at most the limit of a line that never ends', async () => {
  const { lines, tail } = await linesOf(Readable.from(Array.from({ length: 300 }, () => 'x'.repeat(64 * 1024))));
  expect(lines.map(({ length }) => length)).toEqual([LONGEST_LINE + 1]);
  expect(tail).toHaveLength(64 * 1024);
});
