import { PassThrough } from 'node:stream';
import type { Context } from '../../src/context/context.ts';
import type { Invocation } from '../../src/context/invocation.ts';
import { systemFiles } from '../../src/io/files/files.ts';
import type { Http } from '../../src/io/network/http.ts';
import type { Runner } from '../../src/io/processes/runner.ts';
import { plainPaint } from '../../src/io/terminal/paint.ts';
import { silentProgress } from '../../src/io/terminal/progress.ts';
import { outputTo } from '../../src/io/terminal/streams.ts';
import { createRedaction } from '../../src/model/redaction.ts';
import { warningLine } from '../../src/model/report.ts';
import { resolveSettings } from '../../src/model/settings.ts';
import { fakeClock } from './fake-clock.ts';
import { fakeHttp } from './fake-http.ts';
import { fakeRunner } from './fake-runner.ts';

interface Parts {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly http?: Http;
  readonly runner?: Runner;
}

/** Real files in `home`; any other access that was not given is an error. */
export function fakeInvocation({ home, env, http = fakeHttp(), runner = fakeRunner() }: Parts): Invocation {
  const surprise = (what: string) => () => {
    throw new Error(`unexpected: ${what}`);
  };
  const context: Context = {
    env,
    platform: 'linux',
    pid: 4711,
    uid: undefined,
    home,
    cwd: home,
    streams: { stdout: outputTo(new PassThrough()), stderr: outputTo(new PassThrough()), stdin: new PassThrough() },
    clock: fakeClock(),
    files: systemFiles,
    runner,
    http,
    ports: { probe: surprise('a look at a port'), findFree: surprise('a free port') },
    processes: {
      identity: async () => 'start',
      signal: surprise('a signal'),
      hasGroup: surprise('a look at a process group'),
      groupMemory: surprise('a look at the memory of a process group'),
      leftBehind: surprise('a look for what a service has left behind'),
      listener: surprise('a look for a listener'),
      serves: surprise('a look at who serves a connection'),
      servedBy: surprise('a look at whose a connection is'),
    },
    daemons: { start: surprise('a daemon') },
    browser: { open: surprise('a browser') },
    node: '/usr/bin/node',
    nodeVersion: '20.19.0',
    memory: () => 8e9,
    isMusl: () => false,
    withUserUmask: (start) => start(),
    randomBytes: (size) => Buffer.alloc(size, 7),
    signal: new AbortController().signal,
    divertSignals: surprise('a wait for signals'),
  };
  return {
    context,
    settings: resolveSettings({}, env, home, home),
    progress: silentProgress,
    paint: plainPaint,
    redaction: createRedaction(),
    warn: (text) => context.streams.stderr.write(warningLine(text)),
  };
}
