import { DATABASE, type LogLine, type ServiceName } from '../../service.ts';
import { plainText } from '../../shown-text.ts';

/** PostgreSQL's own prefix, which stays in the text as it does in a container's log. */
const POSTGRES = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) UTC /;
/** What `run_proxy.py` puts before each line. */
const PROXY = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z) (stdout|stderr) (.*)$/s;
/** Of what was written before the first line with a time. */
const UNKNOWN = '1970-01-01T00:00:00.000Z';

/** Turns the lines of a service's log file into log lines; one without a time has that of the line before it. */
export function logParser(service: ServiceName): (line: string) => LogLine {
  let last: Pick<LogLine, 'time' | 'stream'> = { time: UNKNOWN, stream: 'stderr' };
  return (line) => {
    const found = service === DATABASE ? postgresLine(line) : proxyLine(line);
    if (found) last = { time: found.time, stream: found.stream };
    return { service, ...last, text: plainText(found?.text ?? line) };
  };
}

function postgresLine(text: string): Omit<LogLine, 'service'> | undefined {
  const [, day, time] = POSTGRES.exec(text) ?? [];
  return day === undefined ? undefined : { time: `${day}T${time}Z`, stream: 'stderr', text };
}

function proxyLine(line: string): Omit<LogLine, 'service'> | undefined {
  const [, time, stream, text] = PROXY.exec(line) ?? [];
  if (time === undefined || text === undefined) return undefined;
  return { time, stream: stream === 'stdout' ? 'stdout' : 'stderr', text };
}
