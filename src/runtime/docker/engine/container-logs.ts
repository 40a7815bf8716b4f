import type { Clock } from '../../../io/clock.ts';
import { describeEnd } from '../../../io/processes/runner.ts';
import { CliError } from '../../../model/errors.ts';
import type { LogLine, LogQuery, ServiceName, ServiceState } from '../../../model/service.ts';
import { parseDuration } from '../../../text/duration.ts';
import type { DockerCli } from './docker-cli.ts';
import { type EngineAddress, engineTrouble } from './engine-error.ts';
import { LineQueue } from './line-queue.ts';
import { type LogReader, logReader } from './log-reader.ts';

export interface LogOptions extends EngineAddress {
  readonly docker: DockerCli;
  readonly services: () => Promise<readonly ServiceState[]>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Source {
  readonly service: ServiceName;
  readonly id: string;
  readonly tail?: number | undefined;
  readonly since?: string | undefined;
  readonly follow: boolean;
}

/** How long reading an existing log may go without a line. */
const IDLE_MS = 15_000;
/** How long after the end of a container's output to check whether it was restarted. */
const RESTART_CHECK_MS = 500;

/**
 * Uses `docker logs` for each container, because `docker compose logs` mixes stdout with stderr, draws on pipes and, with -f,
 * may outlive its containers (docker/compose#8715).
 */
export async function* containerLogs(query: LogQuery, options: LogOptions): AsyncGenerator<LogLine> {
  const done = new AbortController();
  const inner = { ...options, signal: AbortSignal.any([options.signal, done.signal]) };
  try {
    const since = query.since === undefined ? undefined : absoluteTime(query.since, options.clock);
    const services = await options.services();
    const wanted = services.filter(({ service }) => query.services.includes(service));
    const histories = await Promise.all(
      wanted.map(({ service, id }) => readAll({ service, id, tail: query.tail, since, follow: false }, inner)),
    );
    const lines = histories.flatMap((history) => history.lines);
    // The times are UTC texts of one length, so they sort as text.
    yield* lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    if (!query.follow) return;
    const followed = wanted.map((state, at) => ({ state, since, last: histories[at]?.last }));
    yield* followAll(followed, query, inner);
  } finally {
    done.abort();
  }
}

/** `10m` as an absolute time, because the engine knows no days and our calls come at different moments. */
function absoluteTime(since: string, clock: Clock): string {
  const ms = parseDuration(since);
  return ms === undefined ? since : new Date(clock.now() - ms).toISOString();
}

async function readAll(source: Source, options: LogOptions) {
  const lines: LogLine[] = [];
  const reader = logReader(source.service, (line) => lines.push(line));
  await readLogs(source, reader, options);
  return { lines, last: reader.last };
}

async function readLogs(source: Source, reader: LogReader, options: LogOptions): Promise<void> {
  const { tail, since, follow, id } = source;
  const args = [
    ...['logs', '--timestamps'],
    ...(tail === undefined ? [] : ['--tail', String(tail)]),
    ...(since === undefined ? [] : ['--since', since]),
    ...(follow ? ['-f'] : []),
    id,
  ];
  const result = await options.docker(args, {
    signal: options.signal,
    onLine: reader.onLine,
    timeoutMs: null,
    ...(follow ? {} : { idleMs: IDLE_MS }),
  });
  const trouble = reader.trouble.join('\n');
  // A container that was removed in the meantime simply has no more lines.
  if (result.exitCode === 0 || /No such container|dead or marked for removal/i.test(trouble)) return;
  throw (
    engineTrouble(trouble, options) ??
    new CliError('compose_failed', `Cannot read the log of ${source.service}: ${trouble || describeEnd(result)}`, {
      hint: `Read it directly: docker logs ${id.slice(0, 12)}`,
    })
  );
}

interface Followed {
  readonly state: ServiceState;
  readonly since: string | undefined;
  /** The time of the newest line so far. */
  readonly last: string | undefined;
}

/** Yields new lines until none of the services runs any more. */
async function* followAll(
  followed: readonly Followed[],
  query: LogQuery,
  options: LogOptions,
): AsyncGenerator<LogLine> {
  const queue = new LineQueue<LogLine>();
  const onAbort = () => queue.fail(options.signal.reason);
  options.signal.addEventListener('abort', onAbort, { once: true });
  const running = followed.map((source) => follow(source, query, queue, options));
  Promise.all(running).then(
    () => queue.end(),
    (error) => queue.fail(error),
  );
  try {
    yield* queue;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }
}

async function follow(
  { state, since, last }: Followed,
  query: LogQuery,
  queue: LineQueue<LogLine>,
  options: LogOptions,
): Promise<void> {
  const { service } = state;
  let reader = logReader(service, (line) => queue.push(line), last);
  // Without a line so far, nothing was skipped except by `--tail 0`, which must not reappear at the next start.
  const tail = query.tail === 0 ? 0 : undefined;
  const floor = since ?? (tail === 0 ? new Date(options.clock.now()).toISOString() : undefined);
  let source: Source | undefined = { service, id: state.id, tail, since: last ?? since, follow: true };
  for (;;) {
    if (source) await readLogs(source, reader, options);
    await options.clock.sleep(RESTART_CHECK_MS, options.signal);
    const states = (await options.services()).filter((state) => query.services.includes(state.service));
    if (!states.some(({ status }) => isAlive(status))) return;
    const current = states.find((state) => state.service === service);
    // Reading from a container that is about to restart would end at once.
    if (current?.status !== 'running') {
      source = undefined;
      continue;
    }
    reader = logReader(service, (line) => queue.push(line), reader.last);
    source = { service, id: current.id, since: reader.last ?? floor, follow: true };
  }
}

function isAlive(status: ServiceState['status']): boolean {
  return status === 'running' || status === 'restarting' || status === 'paused';
}
