import { expect, test } from 'vitest';
import type { LogLine } from '../../../../../src/model/service.ts';
import { logReader } from '../../../../../src/runtime/docker/engine/log-reader.ts';
import { plainText } from '../../../../../src/text/shown-text.ts';

const at = (seconds: number) => `2026-11-24T01:36:5${seconds}.623862888Z`;

function read(lines: readonly (readonly [string, LogLine['stream']])[], after?: string) {
  const told: LogLine[] = [];
  const reader = logReader('litellm', (line) => told.push(line), after);
  for (const [line, stream] of lines) reader.onLine(line, stream);
  return { reader, told };
}

test('separates time and text, and keeps the streams apart', () => {
  const { told, reader } = read([
    [`${at(1)} INFO:  started`, 'stdout'],
    [`${at(3)} {"level": "error"}`, 'stderr'],
    [`${at(2)} `, 'stdout'],
  ]);
  expect(told).toEqual([
    { service: 'litellm', stream: 'stdout', time: at(1), text: 'INFO:  started' },
    { service: 'litellm', stream: 'stderr', time: at(3), text: '{"level": "error"}' },
    { service: 'litellm', stream: 'stdout', time: at(2), text: '' },
  ]);
  expect(reader.last).toBe(at(3));
});

test('gives the rest of a line after a carriage return the time of its start', () => {
  const { told } = read([
    ['the end of a line that began earlier', 'stdout'],
    [`${at(1)} 10%`, 'stdout'],
    ['20%', 'stdout'],
    ['', 'stdout'],
  ]);
  expect(told.map(({ time, text }) => [time, text])).toEqual([
    [at(1), '10%'],
    [at(1), '20%'],
  ]);
});

test('omits lines that were read before', () => {
  const { told, reader } = read(
    [
      [`${at(1)} a`, 'stdout'],
      ['rest of a', 'stdout'],
      [`${at(2)} b`, 'stdout'],
    ],
    at(1),
  );
  expect(told.map(({ text }) => text)).toEqual(['b']);
  expect(reader.last).toBe(at(2));
  expect(read([], at(1)).reader.last).toBe(at(1));
});

test.each([
  'Error response from daemon: No such container: x',
  'error from daemon in stream: Error grabbing logs: EOF',
  'Cannot connect to the Docker daemon at unix:///x.sock.',
])('separates messages of docker itself: %s', (line) => {
  const { told, reader } = read([[line, 'stderr']]);
  expect(told).toEqual([]);
  expect(reader.trouble).toEqual([line]);
});

test.each([
  ['\u001b[2Kwiped', 'wiped'],
  ['\u001b[32mINFO\u001b[0m: \u001b[1mx\u001b[0m', 'INFO: x'],
  ['\u001b]0;title\u0007a\u0007b\u0008c', 'abc'],
  ['tab\tstays, ünïcode too', 'tab\tstays, ünïcode too'],
])('removes control sequences from %j', (text, expected) => {
  expect(plainText(text)).toBe(expected);
});
