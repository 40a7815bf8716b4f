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
  const spinner = ora({ stream: output.stream as NodeJS.WriteStream, discardStdin: false });
  let current: string | undefined;
  let began = clock.now();
  const finish = (succeeded: boolean) => {
    if (current === undefined) return;
    const text = `${current} (${formatDuration(clock.now() - began)})`;
    if (succeeded) spinner.succeed(text);
    else spinner.fail(text);
    current = undefined;
  };
  const pause = () => {
    const pausedAt = clock.now();
    if (current !== undefined) spinner.stop();
    return () => {
      began += clock.now() - pausedAt;
      if (current !== undefined) spinner.start();
    };
  };
  return {
    phase(text) {
      if (oneLine(text) === current) return;
      finish(true);
      current = oneLine(text);
      began = clock.now();
      spinner.start(current);
    },
    detail(text) {
      if (current !== undefined) spinner.text = `${current} ${oneLine(text)}`;
    },
    note(text) {
      const resume = pause();
      output.write(`${oneLine(text)}\n`);
      resume();
    },
    pause,
    end: finish,
  };
}
