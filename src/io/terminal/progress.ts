import type { Ora } from 'ora';
import { formatDuration } from '../../text/duration.ts';
import { oneLine } from '../../text/shown-text.ts';
import type { Clock } from '../clock.ts';
import type { Output } from './streams.ts';

/** What is going on, told on stderr: live on a terminal, one line a phase elsewhere. */
export interface Progress {
  /** Ends the phase before and begins the next; the same text again changes nothing. */
  phase(text: string): void;
  /** How far the phase is; shown on a terminal only. */
  detail(text: string): void;
  /** A line that stays. */
  note(text: string): void;
  /** Leaves the terminal to others, until the answer is called. */
  pause(): () => void;
  /** Ends the last phase, by a tick or a cross; nothing is written after it. */
  end(succeeded: boolean): void;
}

export const silentProgress: Progress = { phase() {}, detail() {}, note() {}, pause: () => () => {}, end() {} };

export function plainProgress(output: Output, clock: Clock): Progress {
  const began = clock.now();
  let current: string | undefined;
  return {
    phase(text) {
      if (text === current) return;
      current = text;
      output.write(`[${formatDuration(clock.now() - began)}] ${oneLine(text)}\n`);
    },
    detail() {},
    note: (text) => output.write(`${oneLine(text)}\n`),
    pause: () => () => {},
    end() {},
  };
}

export async function terminalProgress(output: Output, clock: Clock): Promise<Progress> {
  const { default: ora } = await import('ora');
  const spinner = timedSpinner(ora({ stream: output.stream as NodeJS.WriteStream, discardStdin: false }), clock);
  return {
    phase: (text) => spinner.show(oneLine(text)),
    detail: (text) => spinner.add(oneLine(text)),
    note(text) {
      const resume = spinner.pause();
      output.write(`${oneLine(text)}\n`);
      resume();
    },
    pause: spinner.pause,
    end: spinner.finish,
  };
}

/** Shows one text at a time, and at its end how long it took without the pauses. */
function timedSpinner(spinner: Ora, clock: Clock) {
  let current: string | undefined;
  let began = clock.now();
  const finish = (succeeded: boolean) => {
    if (current === undefined) return;
    const text = `${current} (${formatDuration(clock.now() - began)})`;
    if (succeeded) spinner.succeed(text);
    else spinner.fail(text);
    current = undefined;
  };
  return {
    finish,
    show(text: string) {
      if (text === current) return;
      finish(true);
      current = text;
      began = clock.now();
      spinner.start(current);
    },
    add(text: string) {
      if (current !== undefined) spinner.text = `${current} ${text}`;
    },
    pause() {
      const pausedAt = clock.now();
      if (current !== undefined) spinner.stop();
      return () => {
        began += clock.now() - pausedAt;
        if (current !== undefined) spinner.start();
      };
    },
  };
}
