import { describe, expect, it } from 'vitest';
import { logParser } from '../../../../../src/runtime/native/supervisor/service-log.ts';

describe('the parser of the gateway log', () => {
  const at = '2026-01-31T12:00:00.123456Z';

  it('separates time and stream from each line', () => {
    const parse = logParser('litellm');
    expect(parse(`${at} stdout INFO:     started`)).toEqual({
      service: 'litellm',
      time: at,
      stream: 'stdout',
      text: 'INFO:     started',
    });
    expect(parse(`${at} stderr `)).toMatchObject({ stream: 'stderr', text: '' });
  });

  it('gives a line without a time the time of the line before it', () => {
    const parse = logParser('litellm');
    parse(`${at} stdout a`);
    expect(parse('what the query engine wrote')).toEqual({
      service: 'litellm',
      time: at,
      stream: 'stdout',
      text: 'what the query engine wrote',
    });
  });

  it('knows no time before the first one', () => {
    expect(logParser('litellm')('sh: no such file')).toMatchObject({
      time: '1970-01-01T00:00:00.000Z',
      stream: 'stderr',
      text: 'sh: no such file',
    });
  });

  it('removes control sequences', () => {
    const { text } = logParser('litellm')(`${at} stdout \u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007x`);
    expect(text).toBe('red x');
  });
});

describe('the parser of the database log', () => {
  it('reads its own prefix and keeps it in the text', () => {
    const line = '2026-01-31 12:00:00.123 UTC [42] LOG:  checkpoint starting: time';
    expect(logParser('litellm-db')(line)).toEqual({
      service: 'litellm-db',
      time: '2026-01-31T12:00:00.123Z',
      stream: 'stderr',
      text: line,
    });
  });

  it('gives the second line of a statement the time of the first', () => {
    const parse = logParser('litellm-db');
    parse('2026-01-31 12:00:00.123 UTC [42] STATEMENT:  select 1');
    expect(parse('\t+ 2')).toMatchObject({ time: '2026-01-31T12:00:00.123Z', text: '\t+ 2' });
  });
});
