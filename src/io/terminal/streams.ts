import type { Readable, Writable } from 'node:stream';
import { systemCode } from '../../model/errors.ts';
import { shownText } from '../../text/shown-text.ts';

export interface Output {
  /** Whatever the text holds, it moves no cursor and is no command to the runner of a CI job. */
  write(text: string): void;
  /** What is to move the cursor, or is such a command. */
  writeRaw(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Aborted when the reader has gone (`| head`): no more need be written, and that is no error. */
  readonly closed: AbortSignal;
  /** The stream itself, for what must draw on it. */
  readonly stream: Writable;
}

export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Readable & { readonly isTTY?: boolean };
}

type TerminalLike = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export function outputTo(stream: TerminalLike): Output {
  const closed = new AbortController();
  stream.on('error', (error) => {
    if (systemCode(error) === 'EPIPE') closed.abort();
    else throw error;
  });
  const writeRaw = (text: string) => {
    if (!closed.signal.aborted) stream.write(text);
  };
  return {
    write: (text) => writeRaw(shownText(text)),
    writeRaw,
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    closed: closed.signal,
    stream,
  };
}
