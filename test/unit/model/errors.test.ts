import { describe, expect, it } from 'vitest';
import {
  CliError,
  ERRORS,
  type ErrorCode,
  EXIT,
  EXIT_MEANING,
  interruption,
  systemCode,
} from '../../../src/model/errors.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];

describe('the table of errors', () => {
  it.each(codes)('gives %s an exit code that has a meaning', (code) => {
    const { exitCode } = new CliError(code, 'x');
    expect(exitCode).toBeGreaterThan(0);
    expect(EXIT_MEANING[exitCode]).toMatch(/\w/);
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  it('explains each exit code and no other number', () => {
    const numbers = Object.values(EXIT).map(String).sort();
    expect(Object.keys(EXIT_MEANING).sort()).toEqual(numbers);
  });

  it('keeps its exit codes', () => {
    expect(EXIT).toEqual({
      done: 0,
      failed: 1,
      usage: 2,
      confirm: 3,
      refused: 4,
      prerequisite: 5,
      port: 6,
      notReady: 7,
      rejected: 8,
      data: 9,
      notRunning: 10,
      interrupted: 130,
      terminated: 143,
    });
  });
});

describe('CliError', () => {
  it('has neither hint nor details unless given', () => {
    expect(new CliError('usage', 'wrong')).toMatchObject({
      name: 'CliError',
      message: 'wrong',
      hint: null,
      details: {},
      retryable: false,
      cause: undefined,
    });
  });

  it('keeps hint, details and cause', () => {
    const given = { hint: 'do this', details: { port: 1 }, cause: new Error('why') };
    expect(new CliError('not_ready', 'wrong', given)).toMatchObject({ ...given, retryable: true, exitCode: 7 });
  });
});

describe('interruption', () => {
  it.each([
    ['SIGINT', 'interrupted', 130],
    ['SIGTERM', 'terminated', 143],
  ] as const)('turns %s into %s with exit code %i', (signal, code, exitCode) => {
    expect(interruption(signal)).toMatchObject({ code, exitCode, hint: null, retryable: true });
  });
});

describe('systemCode', () => {
  it.each([
    [Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'],
    [Object.assign(new Error('x'), { code: 5 }), undefined],
    [new Error('x'), undefined],
    [{ code: 'ENOENT' }, undefined],
    [undefined, undefined],
  ])('reads the system code of %o: %s', (error, code) => expect(systemCode(error)).toBe(code));
});
