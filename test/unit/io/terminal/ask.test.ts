import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askChoice, askHidden, confirm } from '../../../../src/io/terminal/ask.ts';
import { terminalProgress } from '../../../../src/io/terminal/progress.ts';
import { outputTo } from '../../../../src/io/terminal/streams.ts';
import { interruption } from '../../../../src/model/errors.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { standingOn } from '../../../support/terminal.ts';

const ENTER = '\r';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  // Where one of them says so the spinner draws nothing.
  vi.stubEnv('CI', undefined);
  vi.stubEnv('TERM', 'xterm');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A terminal on which the spinner turns. */
async function scene() {
  const screen = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 80 });
  Object.assign(screen, {
    cursorTo: (x: number) => screen.write(`\x1b[${x + 1}G`),
    clearLine: () => screen.write('\x1b[2K'),
  });
  let written = '';
  screen.on('data', (text: string) => {
    written += text.replaceAll(/\r?\n/g, '\r\n');
  });
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stopped = new AbortController();
  const clock = fakeClock();
  const progress = await terminalProgress(outputTo(screen), clock);
  progress.phase('starting the database');
  vi.advanceTimersByTime(500);
  const standing = async () => {
    vi.advanceTimersByTime(500);
    await vi.waitFor(() => expect(screen.readableLength).toBe(0));
    return standingOn(written);
  };
  const streams = { stdin, stdout: outputTo(new PassThrough()), stderr: outputTo(screen) };
  const terminal = { context: { streams, signal: stopped.signal }, progress };
  return { terminal, progress, clock, stdin, stopped, standing };
}

describe('a question during progress', () => {
  it('prints the question on its own line, and resumes progress after the answer', async () => {
    const { terminal, progress, clock, stdin, standing } = await scene();
    expect(await standing()).toMatch(/^. starting the database$/);
    const answer = confirm('Replace them?', terminal);
    expect(await standing()).toBe('Replace them? [y/N]');
    await clock.sleep(60_000);
    stdin.write(`y${ENTER}`);
    expect(await answer).toBe(true);
    expect(await standing()).toMatch(/^Replace them\? \[y\/N\] y\n. starting the database$/);
    progress.end(true);
    expect(await standing()).toMatch(/\n. starting the database \(0 ms\)$/);
  });

  it('offers choices', async () => {
    const { terminal, stdin, standing } = await scene();
    const answer = askChoice('Which?', ['one', 'two'], terminal);
    expect(await standing()).toBe('  1  one\n  2  two\nWhich?');
    stdin.write(`2${ENTER}`);
    expect(await answer).toBe('two');
  });

  it('hides the input when the answer is secret', async () => {
    const { terminal, stdin, standing } = await scene();
    const answer = askHidden('Key:', terminal);
    stdin.write('sk-1');
    expect(await standing()).toBe('Key:');
    stdin.write(ENTER);
    expect(await answer).toBe('sk-1');
    expect(await standing()).toMatch(/^Key:\n. starting the database$/);
  });

  it('ends with the reason of the signal', async () => {
    const { terminal, stopped, standing } = await scene();
    const answer = confirm('Replace them?', terminal);
    stopped.abort(interruption('SIGTERM'));
    await expect(answer).rejects.toMatchObject({ code: 'terminated', exitCode: 143 });
    expect(await standing()).toMatch(/^Replace them\? \[y\/N\]\n. starting the database$/);
  });

  it('returns an empty answer at the end of input', async () => {
    const { terminal, stdin, standing } = await scene();
    const answer = confirm('Replace them?', terminal);
    stdin.end();
    expect(await answer).toBe(false);
    expect(await standing()).toMatch(/^Replace them\? \[y\/N\]\n. starting the database$/);
  });
});
