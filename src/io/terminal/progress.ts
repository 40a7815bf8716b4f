import type { Ora } from 'ora';
import { formatDuration } from '../../text/duration.ts';
import { oneLine } from '../../text/shown-text.ts';
import type { Clock } from '../clock.ts';
import type { Output } from './streams.ts';

/** Progress on stderr: live on a terminal, otherwise one line per phase. */
export interface Progress {
  /** Ends the current phase and starts the next. Repeating the same text changes nothing. */
  phase(text: string): void;
  /** How far the phase has got; only shown on a terminal. */
  detail(text: string): void;
  /** A line that stays. */
  note(text: string): void;
  /** Stops drawing until the returned function is called. */
  pause(): () => void;
  /** Ends the last phase with a tick or a cross. Nothing is written afterwards. */
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

/** Shows one text at a time and, when it ends, its duration without pauses. */
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
