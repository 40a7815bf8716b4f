import { expect, test } from 'vitest';
import { databasePort } from '../../../../../src/runtime/native/postgres/database-port.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { serviceState } from '../../../../support/service-state.ts';

const FILE = '/n/database-port';

function look({ kept, probe, running }: { kept?: string; probe?: 'free' | 'taken'; running?: boolean }) {
  const files = fakeFiles(kept === undefined ? {} : { [FILE]: kept });
  const probed: number[] = [];
  const ports = {
    async probe(_: string, port: number) {
      probed.push(port);
      if (!probe) throw new Error('unexpected look at a port');
      return probe;
    },
    findFree: async () => 6000,
  };
  const services = async () => [serviceState({ service: 'litellm-db', status: running ? 'running' : 'exited' })];
  const port = databasePort({ paths: { folder: '/n' }, files, ports, services });
  return { port, files, probed };
}

test('is a free one at first, and remembered', async () => {
  const { port, files } = look({});
  expect(await port).toBe(6000);
  expect(files.all.get(FILE)).toEqual({ text: '6000\n', mode: 0o600 });
});

test('is the one of before as long as that is free', async () => {
  const { port, probed } = look({ kept: '5999\n', probe: 'free' });
  expect([await port, probed]).toEqual([5999, [5999]]);
});

test('is another when that one is held by somebody else', async () => {
  const { port, files } = look({ kept: '5999\n', probe: 'taken' });
  expect(await port).toBe(6000);
  expect(files.all.get(FILE)?.text).toBe('6000\n');
});

test('stays while the database itself holds it', async () => {
  const { port } = look({ kept: '5999\n', running: true });
  expect(await port).toBe(5999);
});

test.each(['', 'x', '0', '70000', '-5'])('is made anew when what was remembered is "%s"', async (kept) => {
  expect(await look({ kept, running: true }).port).toBe(6000);
});
