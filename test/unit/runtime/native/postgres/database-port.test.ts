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

test('picks a free port at first, and saves it', async () => {
  const { port, files } = look({});
  expect(await port).toBe(6000);
  expect(files.all.get(FILE)).toEqual({ text: '6000\n', mode: 0o600 });
});

test('uses the saved port as long as it is free', async () => {
  const { port, probed } = look({ kept: '5999\n', probe: 'free' });
  expect([await port, probed]).toEqual([5999, [5999]]);
});

test('picks another port when another program uses the saved one', async () => {
  const { port, files } = look({ kept: '5999\n', probe: 'taken' });
  expect(await port).toBe(6000);
  expect(files.all.get(FILE)?.text).toBe('6000\n');
});

test('keeps the port while the database itself uses it', async () => {
  const { port } = look({ kept: '5999\n', running: true });
  expect(await port).toBe(5999);
});

test.each(['', 'x', '0', '70000', '-5'])('picks a new port when the saved one is "%s"', async (kept) => {
  expect(await look({ kept, running: true }).port).toBe(6000);
});
