import { describe, expect, it } from 'vitest';
import { EXIT, interruption } from '../../../../../src/model/errors.ts';
import type { ServiceName } from '../../../../../src/model/service.ts';
import type { ServiceRecord } from '../../../../../src/runtime/native/supervisor/service-record.ts';
import { stopService } from '../../../../../src/runtime/native/supervisor/stop-service.ts';
import { caught } from '../../../../support/caught.ts';
import { fakeClock } from '../../../../support/fake-clock.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { fakeProcesses } from '../../../../support/fake-processes.ts';
import { serviceRecord } from '../../../../support/service-record.ts';

type OnSignal = Parameters<typeof fakeProcesses>[1];

const both = { 10: 'supervisor', 20: 'child' };
const ends: OnSignal = (_, { pid }, { alive }) => void alive.delete(pid);
const ignores: OnSignal = () => undefined;

function setUp(
  alive: Readonly<Record<number, string>>,
  onSignal: OnSignal = ends,
  changes: Partial<ServiceRecord> = {},
) {
  const record = JSON.stringify(serviceRecord(changes));
  const files = fakeFiles({ '/native/litellm.json': record, '/native/litellm-db.json': record });
  const processes = fakeProcesses(alive, onSignal);
  const clock = fakeClock();
  const { signal } = new AbortController();
  const written = (service: ServiceName = 'litellm') =>
    JSON.parse(files.all.get(`/native/${service}.json`)?.text ?? '') as ServiceRecord;
  return { files, processes, clock, written, options: { folder: '/native', files, processes, clock, signal } };
}

describe('stopService', () => {
  it('does nothing for a service that was never started', async () => {
    const { options } = setUp(both);
    await stopService('litellm', { ...options, files: fakeFiles() });
    expect(options.processes.sent).toEqual([]);
  });

  it('signals the supervisor, and waits until it has ended', async () => {
    let looks = 0;
    const { options, processes, clock } = setUp(both, (_, __, { alive }) => {
      looks += 1;
      if (looks === 1) setImmediate(() => alive.clear());
    });
    await stopService('litellm', options);
    expect(processes.sent).toEqual(['SIGTERM 10']);
    expect(clock.sleeps.length).toBeGreaterThan(0);
  });

  it('stops waiting after Ctrl-C, while the service continues to stop', async () => {
    const { options, processes } = setUp(both, ignores);
    const reason = interruption('SIGINT');
    await expect(stopService('litellm', { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(processes.sent).toEqual(['SIGTERM 10']);
  });

  it('ends a service whose supervisor is killed while it stops', async () => {
    const { options, processes, written } = setUp(both);
    await stopService('litellm', options);
    expect(processes.sent).toEqual(['SIGTERM 10', 'SIGTERM 20', 'SIGKILL -20']);
    expect(written().status).toBe('exited');
  });

  it.each([
    ['litellm', ['SIGTERM 20', 'SIGKILL -20']],
    ['litellm-db', ['SIGINT 20', 'SIGKILL -20']],
  ] as const)('ends %s itself when it has no supervisor', async (service, sent) => {
    const { options, processes, written } = setUp({ 20: 'child' });
    await stopService(service, options);
    expect(processes.sent).toEqual(sent);
    expect(written(service)).toMatchObject({ status: 'exited', exitCode: 0 });
  });

  it('kills a gateway without a supervisor that does not end', async () => {
    const { options, processes, clock } = setUp({ 20: 'child' }, ignores);
    await stopService('litellm', options);
    expect(processes.sent).toEqual(['SIGTERM 20', 'SIGKILL -20']);
    // Ten to end well, and ten more for what the kill leaves behind.
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(20_000);
  });

  it('waits for processes in the group of a killed service, and signals no other', async () => {
    const { options, processes, clock, written } = setUp({});
    let looks = 0;
    const hasGroup = async (pid: number) => {
      expect(pid).toBe(20);
      looks += 1;
      return looks <= 3;
    };
    await stopService('litellm-db', { ...options, processes: { ...processes, hasGroup } });
    expect(clock.sleeps).toEqual([50, 50, 50]);
    expect(processes.sent).toEqual([]);
    expect(written('litellm-db').status).toBe('exited');
  });

  it('never kills a database, but reports that it does not end', async () => {
    const { options, processes, clock } = setUp({ 20: 'child' }, ignores);
    const error = await caught(() => stopService('litellm-db', options));
    expect(error).toMatchObject({
      code: 'service_failed',
      message: 'litellm-db does not stop (process 20)',
      exitCode: EXIT.notReady,
    });
    expect(error.hint).toBe('See its log: agents-llm logs litellm-db\nOr end it: kill 20');
    expect(processes.sent).toEqual(['SIGINT 20']);
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
  });

  it.each([
    ['litellm', 20_000],
    ['litellm-db', 70_000],
  ] as const)('gives the supervisor of %s %i ms, and reports that it does not end', async (service, ms) => {
    const { options, clock } = setUp(both, ignores);
    const error = await caught(() => stopService(service, options));
    expect(error).toMatchObject({ code: 'service_failed', exitCode: EXIT.notReady, details: { service, pid: 10 } });
    expect(clock.sleeps.reduce((sum, each) => sum + each, 0)).toBe(ms);
  });

  it('signals no process with a reused id, and records the end', async () => {
    const { options, processes, written } = setUp({ 10: 'somebody', 20: 'somebody else' });
    await stopService('litellm', options);
    expect(processes.sent).toEqual([]);
    expect(written()).toMatchObject({ status: 'exited' });
  });

  it('leaves the record of a service that ended before unchanged', async () => {
    const { options, written } = setUp({}, ends, { status: 'exited', exitCode: 3, error: 'gave up: …' });
    await stopService('litellm', options);
    expect(written()).toMatchObject({ exitCode: 3, error: 'gave up: …' });
  });
});
