import { describe, expect, it } from 'vitest';
import {
  livenessOf,
  readRecord,
  recordFile,
  stateOf,
} from '../../../../../src/runtime/native/supervisor/service-record.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { fakeProcesses } from '../../../../support/fake-processes.ts';
import { serviceRecord } from '../../../../support/service-record.ts';

const path = recordFile('/native', 'litellm');

describe('readRecord', () => {
  const read = (text: string) => readRecord(fakeFiles({ [path]: text }), '/native', 'litellm');

  it('returns the record that a supervisor wrote', async () => {
    expect(await read(JSON.stringify(serviceRecord()))).toEqual(serviceRecord());
  });

  it('returns nothing without a record', async () => {
    expect(await readRecord(fakeFiles(), '/native', 'litellm')).toBeUndefined();
  });

  it.each([
    ['no JSON', 'x'],
    ['an incomplete record', JSON.stringify(serviceRecord()).slice(0, 50)],
    ['another JSON object', '{}'],
    ['a process id that means a group', JSON.stringify(serviceRecord({ child: { pid: -1, identity: 'x' } }))],
    [
      'a process id that would mean ourselves',
      JSON.stringify(serviceRecord({ supervisor: { pid: 0, identity: 'x' } })),
    ],
  ])('ignores %s', async (_, text) => expect(await read(text)).toBeUndefined());
});

describe('livenessOf', () => {
  it.each([
    [{ 10: 'supervisor', 20: 'child' }, true, true],
    [{ 10: 'supervisor' }, true, false],
    [{ 20: 'child' }, false, true],
    [{}, false, false],
    [{ 10: 'somebody else', 20: 'somebody else' }, false, false],
  ])('returns for the processes %j: supervised %s, running %s', async (alive, supervised, running) => {
    expect(await livenessOf(serviceRecord(), fakeProcesses(alive))).toEqual({ supervised, running });
  });

  it('returns that a service that never started is not running', async () => {
    const record = serviceRecord({ child: null });
    expect(await livenessOf(record, fakeProcesses({ 10: 'supervisor' }))).toEqual({ supervised: true, running: false });
  });
});

describe('stateOf', () => {
  const state = (changes: Parameters<typeof serviceRecord>[0], supervised: boolean, running: boolean) =>
    stateOf('litellm', serviceRecord(changes), { supervised, running }, 'healthy');

  it('returns the health of a running service', () => {
    expect(state({}, true, true)).toMatchObject({ id: '20', status: 'running', health: 'healthy', error: '' });
  });

  it('says when the supervisor of a service is gone', () => {
    expect(state({}, false, true)).toMatchObject({ status: 'running', error: 'its supervisor is not running' });
  });

  it('returns restarting for a service that has ended and will be restarted', () => {
    const changes = { status: 'restarting', exitCode: 3, restarts: 2 } as const;
    expect(state(changes, true, false)).toMatchObject({
      status: 'restarting',
      health: 'none',
      exitCode: 3,
      restarts: 2,
    });
  });

  it('returns restarting when the supervisor has not noticed the end yet', () => {
    expect(state({}, true, false)).toMatchObject({ status: 'restarting', health: 'none' });
  });

  it('returns exited for a service that was stopped or given up', () => {
    const changes = { status: 'exited', exitCode: 1, error: 'gave up: …' } as const;
    expect(state(changes, false, false)).toMatchObject({ status: 'exited', exitCode: 1, error: 'gave up: …' });
  });

  it.each(['running', 'restarting'] as const)(
    'returns exited for a service that was killed with its supervisor while %s',
    (status) => {
      expect(state({ status, exitCode: 0 }, false, false)).toMatchObject({ status: 'exited', exitCode: 137 });
    },
  );

  it('returns no id for a service that could not be started', () => {
    expect(state({ child: null, status: 'exited' }, false, false).id).toBe('');
  });
});
