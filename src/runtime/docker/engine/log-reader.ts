import type { LogLine, ServiceName } from '../../../model/service.ts';
import { plainText } from '../../../text/shown-text.ts';

const TIMED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?(.*)$/s;
/** Messages of the docker CLI itself, on the stderr that it shares with the container. */
const CLI_MESSAGE =
  /^(Error response from daemon|Error: |error during connect|error from daemon|Cannot connect to|permission denied while)/i;

export interface LogReader {
  readonly onLine: (line: string, stream: LogLine['stream']) => void;
  /** Lines of the docker CLI itself. */
  readonly trouble: readonly string[];
  /** The time of the newest line. */
  readonly last: string | undefined;
}

/** Reads what `docker logs --timestamps` prints for one service; lines up to the time `after` are left out. */
export function logReader(service: ServiceName, emit: (line: LogLine) => void, after?: string): LogReader {
  const times: Partial<Record<LogLine['stream'], string>> = {};
  const trouble: string[] = [];
  let last = after;
  const emitNew = (time: string, text: string, stream: LogLine['stream']) => {
    if (after !== undefined && time <= after) return;
    if (last === undefined || time > last) last = time;
    emit({ service, stream, time, text: plainText(text) });
  };
  return {
    trouble,
    get last() {
      return last;
    },
    onLine(line, stream) {
      const match = TIMED.exec(line);
      const before = times[stream];
      if (match?.[1]) {
        times[stream] = match[1];
        emitNew(match[1], match[2] ?? '', stream);
      } else if (stream === 'stderr' && CLI_MESSAGE.test(line)) trouble.push(line);
      // Text after a carriage return within a line has no time of its own.
      else if (before !== undefined && line !== '') emitNew(before, line, stream);
    },
  };
}
