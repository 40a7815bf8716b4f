import type { Readable, Writable } from 'node:stream';
import { systemCode } from '../../model/errors.ts';
import { shownText } from '../../text/shown-text.ts';

export interface Output {
  /** Escapes the text, so that it cannot move the cursor or give commands to a CI runner. */
  write(text: string): void;
  /** Writes the text unchanged, for cursor movements and CI commands. */
  writeRaw(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Aborted when the reader closes the stream (`| head`), which is not an error. */
  readonly closed: AbortSignal;
  /** The stream itself, for drawing. */
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
