import { join } from 'node:path';
import type { Clock } from '../../../io/clock.ts';
import type { Files } from '../../../io/files/files.ts';
import type { LogLine, LogQuery, ServiceName, ServiceState } from '../../../model/service.ts';
import { DATABASE } from '../../../model/service.ts';
import { momentOf } from '../../../text/duration.ts';
import { plainText } from '../../../text/shown-text.ts';
import { logFiles } from './log-rotation.ts';

export interface ServiceLogOptions {
  readonly folder: string;
  readonly files: Pick<Files, 'readFrom'>;
  readonly services: () => Promise<readonly ServiceState[]>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const POLL_MS = 200;

/** The log lines of all services in the order of their times; with `follow`, until none of the services runs. */
export async function* serviceLogs(query: LogQuery, options: ServiceLogOptions): AsyncGenerator<LogLine> {
  const { clock, signal, folder, files } = options;
  const since = query.since === undefined ? '' : sortKey({ time: absoluteTime(query.since, clock) });
  const readers = query.services.map((service) => new LogFileReader(service, join(folder, `${service}.log`), files));
  const histories = await Promise.all(readers.map((reader) => reader.history()));
  const lines = histories.flatMap((history) => {
    const wanted = history.filter((line) => sortKey(line) >= since);
    return query.tail === undefined ? wanted : wanted.slice(Math.max(0, wanted.length - query.tail));
  });
  yield* sortByTime(lines);
  while (query.follow) {
    signal.throwIfAborted();
    // Checked before reading, so that the last lines of a service that ends are read too.
    const runs = (await options.services()).some((state) => query.services.includes(state.service) && isRunning(state));
    yield* sortByTime((await Promise.all(readers.map((reader) => reader.next()))).flat());
    if (!runs) return;
    await clock.sleep(POLL_MS, signal);
  }
}

const isRunning = ({ status }: ServiceState) => status === 'running' || status === 'restarting';

/** Times of one zone sort as text, except for the `Z`, which sorts after further digits. */
const sortKey = ({ time }: Pick<LogLine, 'time'>) => time.replace(/Z$/, '');

const sortByTime = (lines: LogLine[]) =>
  lines.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0));

function absoluteTime(since: string, clock: Clock): string {
  return new Date(momentOf(since, clock.now())).toISOString();
}

class LogFileReader {
  readonly #parse: (line: string) => LogLine;
  readonly #path: string;
  readonly #files: Pick<Files, 'readFrom'>;
  #offset = 0;
  /** The beginning of a line that is not complete yet. */
  #rest = '';

  constructor(service: ServiceName, path: string, files: Pick<Files, 'readFrom'>) {
    this.#parse = logParser(service);
    this.#path = path;
    this.#files = files;
  }

  async history(): Promise<LogLine[]> {
    const older = logFiles(this.#path).slice(0, -1);
    const texts = await Promise.all(older.map(async (file) => (await this.#files.readFrom(file, 0))?.text ?? ''));
    return [...texts.flatMap((text) => this.#lines(text)), ...(await this.next())];
  }

  async next(): Promise<LogLine[]> {
    const chunk = await this.#files.readFrom(this.#path, this.#offset);
    if (!chunk) return [];
    if (chunk.size >= this.#offset) {
      this.#offset = chunk.size;
      return this.#lines(chunk.text);
    }
    // The log was rotated meanwhile.
    const rotated = logFiles(this.#path).at(-2) ?? this.#path;
    const end = await this.#files.readFrom(rotated, this.#offset);
    const begin = await this.#files.readFrom(this.#path, 0);
    this.#offset = begin?.size ?? 0;
    return [...this.#lines(end?.text ?? ''), ...this.#lines(begin?.text ?? '')];
  }

  #lines(text: string): LogLine[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => this.#parse(line.replace(/\r$/, '')));
  }
}

/** PostgreSQL's own prefix, which stays in the text as it does in a container's log. */
const POSTGRES = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) UTC /;

/** What `run_proxy.py` puts before each line. */
const PROXY = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z) (stdout|stderr) (.*)$/s;

/** The time of lines before the first one with a time. */
const UNKNOWN = '1970-01-01T00:00:00.000Z';

/** Parses the lines of a service's log file. A line without a time gets the time of the previous line. */
export function logParser(service: ServiceName): (line: string) => LogLine {
  let last: Pick<LogLine, 'time' | 'stream'> = { time: UNKNOWN, stream: 'stderr' };
  return (line) => {
    const parsed = service === DATABASE ? postgresLine(line) : proxyLine(line);
    if (parsed) last = { time: parsed.time, stream: parsed.stream };
    return { service, ...last, text: plainText(parsed?.text ?? line) };
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
