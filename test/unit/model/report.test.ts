import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CliError } from '../../../src/model/errors.ts';
import { failureEnvelope, successEnvelope } from '../../../src/model/report.ts';
import { Secret } from '../../../src/model/secret.ts';
import { alignColumns } from '../../../src/text/align-columns.ts';

describe('envelopes', () => {
  it('hold the data of a success', () => {
    expect(successEnvelope('status', { data: { ready: true }, exitCode: 0, warnings: ['old'] })).toEqual({
      schemaVersion: 1,
      command: 'status',
      ok: true,
      data: { ready: true },
      error: null,
      warnings: ['old'],
    });
    expect(successEnvelope('up', { data: null }).warnings).toEqual([]);
  });

  it('hold the error of a failure, and not its cause', () => {
    const error = new CliError('port_taken', 'port 4000 is taken', {
      hint: 'take another',
      details: { port: 4000 },
      cause: new Error('EADDRINUSE'),
    });
    expect(failureEnvelope('up', error)).toEqual({
      schemaVersion: 1,
      command: 'up',
      ok: false,
      data: null,
      error: {
        code: 'port_taken',
        message: 'port 4000 is taken',
        hint: 'take another',
        retryable: false,
        details: { port: 4000 },
      },
      warnings: [],
    });
    expect(failureEnvelope('up', new CliError('not_ready', 'x')).error).toMatchObject({ hint: null, retryable: true });
  });

  it('show no secret', () => {
    const envelope = successEnvelope('ui', { data: { password: new Secret('sk-0123456789abcdef') } });
    expect(JSON.stringify(envelope)).toContain('"password":"sk-…cdef"');
  });
});

describe('alignColumns', () => {
  it('sets columns two spaces apart and ends no line in spaces', () => {
    expect(
      alignColumns([
        ['SERVICE', 'STATE', ''],
        ['litellm', 'up', 'x'],
        ['db', 'exited', ''],
      ]),
    ).toBe(['SERVICE  STATE', 'litellm  up      x', 'db       exited'].join('\n'));
  });

  it('measures what is seen', () => {
    const seen = (text: string) => text.replaceAll('*', '').length;
    expect(
      alignColumns(
        [
          ['**a**', 'b'],
          ['ccc', 'd'],
        ],
        seen,
      ),
    ).toBe('**a**    b\nccc  d');
  });

  it('takes rows of any length', () => {
    expect(alignColumns([])).toBe('');
    expect(alignColumns([['a'], ['bb', 'c'], []])).toBe('a\nbb  c\n');
  });

  it('begins the second column at one place', () => {
    const word = fc.stringMatching(/^[a-z]{1,20}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1 }), (rows) => {
        const starts = alignColumns(rows)
          .split('\n')
          .map((line) => line.search(/\s\S/));
        expect(new Set(starts).size).toBe(1);
      }),
    );
  });
});
