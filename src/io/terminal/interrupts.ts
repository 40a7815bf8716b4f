import { interruption } from '../../model/errors.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Requests to stop this process. */
export interface Interrupts {
  /** Aborted by the first signal, with the CliError to exit with as its reason. The second one ends the process at once. */
  readonly signal: AbortSignal;
  /** Sends signals only to `receive`, until the returned function is called. */
  divertSignals(receive: (name: StopSignal) => void): () => void;
}

type Source = Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The listeners stay registered, because `signal-exit`, a dependency of the spinner, kills the process on a signal without
 * other listeners. After the second signal ours are removed, so that it restores the cursor and ends the process.
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
  // Ctrl-Break of Windows, which nothing can be sent there; elsewhere it never comes.
  source.on('SIGBREAK', () => listen('SIGINT'));
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
