import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/io/clock.ts';
import type { Http } from '../../../../src/io/network/http.ts';
import { CliError } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import type { LogLine, ServiceState } from '../../../../src/model/service.ts';
import type { Runtime } from '../../../../src/runtime/runtime.ts';
import { startStack } from '../../../../src/stack/startup/start-stack.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';

const spec = {
  project: 'agents-llm',
  bind: '127.0.0.1',
  port: 4000,
  image: serviceState().image,
  databaseImage: serviceState({ service: 'litellm-db' }).image,
};
const secrets = {
  masterKey: new Secret('sk-0123456789abcdef'),
  saltKey: new Secret('salt'),
  databasePassword: new Secret('database-password'),
  uiUsername: 'admin',
  uiPassword: new Secret('admin'),
};
const silent: Http = { send: async () => ({ ok: false, code: 'ECONNREFUSED' }) };
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'agents-llm-start-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Looks give the services in turn, the last for ever. */
function runtimeThat(looks: ServiceState[][], start: Runtime['start'], log: readonly string[] = []): Runtime {
  return fakeRuntime({
    portHolder: async () => ({ name: 'container web (project shop)', stop: 'Stop it: docker stop web' }),
    start,
    services: async () => (looks.length > 1 ? looks.shift() : looks[0]) ?? [],
    async *logs({ services }) {
      for (const text of log) {
        const line: LogLine = {
          service: services[0] ?? 'litellm',
          stream: 'stderr',
          time: '2026-01-01T00:00:00Z',
          text,
        };
        yield line;
      }
    },
  });
}

function start(runtime: Runtime, timeoutMs = 60_000, http: Http = silent) {
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home }, http });
  invocation.redaction.add([secrets.masterKey]);
  const { clock } = invocation.context;
  const deadline = clock.now() + timeoutMs;
  // The deadline is the one long sleep; it must not pass before the short ones beside it.
  const sleep: Clock['sleep'] = (ms, signal) => (ms > 1000 ? untilAborted(signal) : clock.sleep(ms, signal));
  const ports = { ...invocation.context.ports, probe: async () => 'free' as const };
  const context = { ...invocation.context, clock: { ...clock, sleep }, ports };
  return startStack({ ...invocation, context }, runtime, { spec, secrets, recreate: [], deadline });
}

function untilAborted(signal?: AbortSignal): Promise<void> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

const database = (changes: Partial<ServiceState> = {}) => serviceState({ service: 'litellm-db', ...changes });
/** As Compose: goes on until it is ended. */
const hangs: Runtime['start'] = (_, { signal }) => untilAborted(signal);
const done: Runtime['start'] = async () => undefined;

describe('startStack', () => {
  it('stops Compose when the database keeps restarting, and shows the last 20 log lines', async () => {
    const log = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    const looks = [[database({ restarts: 0 })], [database({ restarts: 1, exitCode: 1, status: 'restarting' })]];
    await expect(start(runtimeThat(looks, hangs, log))).rejects.toMatchObject({
      code: 'service_failed',
      exitCode: 7,
      message: expect.stringContaining('litellm-db failed: it ended with exit code 1 and was restarted once'),
      hint: expect.stringContaining('agents-llm logs litellm-db'),
      details: { service: 'litellm-db', log: log.slice(-20) },
    });
  });

  it('ignores the exit of a gateway that is about to be replaced', async () => {
    const old = (restarts: number) => serviceState({ id: 'old', image: 'crashing:1', restarts });
    let rounds = 0;
    const base = runtimeThat([[database()]], async (_, { signal }) => {
      for (; rounds < 6; rounds += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        signal.throwIfAborted();
      }
    });
    const services: Runtime['services'] = async () => {
      const proxy = rounds < 6 ? old(rounds) : serviceState({ status: 'exited', exitCode: 4 });
      return [database(), proxy];
    };
    // It goes on to look at what has come in its place.
    await expect(start({ ...base, services })).rejects.toMatchObject({ details: { exitCode: 4, status: 'exited' } });
  });

  it('times out on a database that never becomes healthy', async () => {
    const runtime = runtimeThat([[database({ health: 'starting' })]], hangs);
    await expect(start(runtime, 1000)).rejects.toMatchObject({
      code: 'not_ready',
      exitCode: 7,
      retryable: true,
      hint: expect.stringContaining('The stack keeps running'),
    });
  });

  it('shows the log of a database that Compose reports as failed', async () => {
    const fails: Runtime['start'] = async () => {
      throw new CliError('service_failed', 'The database did not start');
    };
    const log = ['FATAL:  could not write lock file: No space left on device'];
    await expect(start(runtimeThat([[database({ status: 'exited', exitCode: 1 })]], fails, log))).rejects.toMatchObject(
      {
        code: 'service_failed',
        message: expect.stringContaining('disk of the Docker engine is full'),
        details: { service: 'litellm-db', exitCode: 1, log },
      },
    );
  });

  it('names the program that took the port meanwhile', async () => {
    const fails: Runtime['start'] = async () => {
      throw new CliError('port_taken', 'the port is taken');
    };
    await expect(start(runtimeThat([[database()]], fails))).rejects.toMatchObject({
      code: 'port_taken',
      exitCode: 6,
      message: 'Port 4000 on 127.0.0.1 is already in use by container web (project shop)',
      hint: expect.stringContaining('--port 4001'),
    });
  });

  it('explains why the gateway exited and redacts secrets in its log lines', async () => {
    const log = ['connecting with sk-0123456789abcdef', 'FATAL:  password authentication failed for user "litellm"'];
    const runtime = runtimeThat([[database(), serviceState({ status: 'exited', exitCode: 2 })]], done, log);
    const failure = await start(runtime).then(
      () => undefined,
      (error: CliError) => ({ ...error, message: error.message }),
    );
    expect(failure?.details.log).toContain('connecting with [redacted]');
    expect(failure).toMatchObject({
      code: 'service_failed',
      message: expect.stringContaining('rejected its password'),
    });
    expect(JSON.stringify(failure)).not.toContain('sk-0123456789abcdef');
  });

  it('reports that its own service does not answer like LiteLLM', async () => {
    const other: Http = {
      send: async () => ({ ok: true, status: 200, headers: { 'content-type': 'text/html' }, text: '<html>' }),
    };
    const runtime = runtimeThat([[database(), serviceState()]], done);
    await expect(start(runtime, 60_000, other)).rejects.toMatchObject({
      code: 'service_failed',
      exitCode: 7,
      message: 'litellm does not answer like LiteLLM (HTTP 200, text/html)',
      hint: expect.stringContaining('image'),
    });
  });

  it('names the program that uses its port', async () => {
    const error = new CliError('port_taken', 'Port 4000 is in use', { hint: 'Stop it', details: { holder: 'x' } });
    const refused: Http = { send: async () => Promise.reject(error) };
    const runtime = runtimeThat([[database(), serviceState()]], done);
    expect(await caught(() => start(runtime, 60_000, refused))).toBe(error);
  });

  it('reports no exit code for a service that runs again', async () => {
    const look = (restarts: number) => [serviceState({ restarts })];
    const runtime = runtimeThat([look(0), look(0), look(2)], done);
    await expect(start(runtime)).rejects.toMatchObject({
      message: 'litellm failed: it ended and was restarted 2 times',
      details: { exitCode: null, restarts: 2 },
    });
  });

  it('survives an engine that stops responding during the start', async () => {
    const runtime = runtimeThat([[database()]], async () => {
      throw new CliError('engine_unreachable', 'no engine');
    });
    const deaf: Runtime = {
      ...runtime,
      services: () => Promise.reject(new CliError('engine_unreachable', 'no engine')),
    };
    await expect(start(deaf)).rejects.toMatchObject({ code: 'engine_unreachable', exitCode: 5 });
  });

  it('restarts services that something else stops, but not forever', async () => {
    const recreated: (readonly string[])[] = [];
    const looks = [
      [serviceState({ status: 'exited', exitCode: 0 })],
      [serviceState({ status: 'exited', exitCode: 143 })],
      [serviceState({ status: 'exited', exitCode: 137 })],
    ];
    const begin: Runtime['start'] = async (_, { recreate }) => void recreated.push(recreate);
    const runtime = { ...runtimeThat([], begin), services: async () => looks[recreated.length - 1] ?? [] };
    const error = await caught(() => start(runtime));
    expect(error).toMatchObject({ code: 'service_failed', details: { exitCode: 137 } });
    expect(recreated).toHaveLength(3);
  });
});
