import { interruption } from '../../model/errors.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What asks this process to stop. */
export interface Interrupts {
  /** Aborted by the first, with the CliError to end with as its reason. The next ends the process at once, as the system would. */
  readonly signal: AbortSignal;
  /** From here on they go to `receive` alone, until the answer is called. */
  divertSignals(receive: (name: StopSignal) => void): () => void;
}

type Source = Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The listeners stay: `signal-exit`, which the spinner brings with it, kills the process by a signal that nobody else
 * listens to. Once ours are gone that is what it is there for, and it shows the cursor again.
 */
export function listenForInterrupts(source: Source): Interrupts {
  const controller = new AbortController();
  let divertedTo: ((name: StopSignal) => void) | undefined;
  const listen = (name: NodeJS.Signals) => {
    const stop = name as StopSignal;
    if (divertedTo) divertedTo(stop);
    else if (!controller.signal.aborted) controller.abort(interruption(stop));
    else {
      for (const each of SIGNALS) source.off(each, listen);
      source.kill(source.pid, stop);
    }
  };
  for (const name of SIGNALS) source.on(name, listen);
  return {
    signal: controller.signal,
    divertSignals(receive) {
      divertedTo = receive;
      return () => {
        divertedTo = undefined;
      };
    },
  };
}
