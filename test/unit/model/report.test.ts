import { describe, expect, it } from 'vitest';
import { CliError } from '../../../src/model/errors.ts';
import { failureEnvelope, successEnvelope } from '../../../src/model/report.ts';
import { Secret } from '../../../src/model/secret.ts';

describe('envelopes', () => {
  it('contain the data of a success', () => {
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

  it('contain the error of a failure but not its cause', () => {
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

  it('redact secrets', () => {
    const envelope = successEnvelope('ui', { data: { password: new Secret('sk-0123456789abcdef') } });
    expect(JSON.stringify(envelope)).toContain('"password":"sk-…cdef"');
  });
});
