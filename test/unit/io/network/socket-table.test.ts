import { expect, test } from 'vitest';
import { otherEnd, parseSockets } from '../../../../src/io/network/socket-table.ts';

const row = (local: string, remote: string, state: string, uid: number, inode: number) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${uid} 0 ${inode} 1 0 100 0 0 10 0`;
const table = (rows: readonly string[], port = 4000) =>
  parseSockets(['  sl  local_address rem_address   st', ...rows, ''].join('\n'), port);

/** 127.0.0.1:4000, and 127.0.0.1:40000 of ours. */
const [SERVER, CLIENT, NONE] = ['0100007F:0FA0', '0100007F:9C40', '00000000:0000'];
const connection = {
  local: { address: '127.0.0.1', port: 40_000 },
  remote: { address: '127.0.0.1', port: 4000 },
  isClosed: () => false,
};
const ours = row(CLIENT, SERVER, '01', 1, 9);

test('parseSockets decodes the addresses, and filters by port', () => {
  const rows = [
    row('0100007F:0FA0', NONE, '0A', 65_533, 111),
    row('0000000000000000FFFF00000100007F:0FA0', '0000000000000000FFFF00000200007F:9C40', '01', 0, 222),
    row('00000000000000000000000000000000:0FA0', '00000000000000000000000000000000:0000', '0A', 0, 333),
    row('00000000000000000000000001000000:0FA0', '00000000000000000000000000000000:0000', '0A', 0, 444),
    row('0100007F:10FA', '0100007F:0FA0', '01', 0, 555),
    row('0100007F:0050', NONE, '0A', 0, 666),
  ];
  expect(table(rows)).toEqual([
    {
      local: { address: '127.0.0.1', port: 4000 },
      remote: { address: '0.0.0.0', port: 0 },
      listens: true,
      uid: 65_533,
      inode: '111',
    },
    {
      local: { address: '127.0.0.1', port: 4000 },
      remote: { address: '127.0.0.2', port: 40_000 },
      listens: false,
      uid: 0,
      inode: '222',
    },
    { local: { address: '::', port: 4000 }, remote: { address: '::', port: 0 }, listens: true, uid: 0, inode: '333' },
    { local: { address: '::1', port: 4000 }, remote: { address: '::', port: 0 }, listens: true, uid: 0, inode: '444' },
  ]);
  expect(table(rows, 80)).toMatchObject([{ local: { port: 80 }, inode: '666' }]);
  expect(parseSockets('', 4000)).toEqual([]);
  // As the kernel writes it, with the number of a row of thousands.
  expect(parseSockets(`\n${row('0100007F:0FA0', NONE, '0A', 1, 7).replace('   0:', '12345:')}\n`, 4000)).toHaveLength(
    1,
  );
});

test.each([
  ['has accepted it', [row(SERVER, NONE, '0A', 5, 1), ours, row(SERVER, CLIENT, '01', 6, 2)], { uid: 6, inode: '2' }],
  ['is about to accept it', [row(SERVER, NONE, '0A', 5, 1), ours, row(SERVER, CLIENT, '01', 0, 0)], { inode: '1' }],
  ['listens on all addresses', [row('00000000:0FA0', NONE, '0A', 5, 1), ours], { uid: 5, inode: '1' }],
  [
    'listens on this address alone, before one that listens on all',
    [row('00000000:0FA0', NONE, '0A', 5, 1), row(SERVER, NONE, '0A', 6, 2)],
    { uid: 6, inode: '2' },
  ],
  [
    'has half closed it already',
    [row(SERVER, NONE, '0A', 5, 1), row(SERVER, CLIENT, '05', 6, 2)],
    { uid: 6, inode: '2' },
  ],
  [
    'has accepted it, also when another has since taken the port',
    [row(SERVER, NONE, '0A', 0, 1), row(SERVER, CLIENT, '01', 65_533, 2)],
    { uid: 65_533 },
  ],
])('otherEnd finds the process that %s', (_, rows, expected) =>
  expect(otherEnd(table(rows), connection)).toMatchObject(expected),
);

test.each([
  ['nobody listens any more', [ours]],
  ['another port is listened on', [row('0100007F:0FA1', NONE, '0A', 5, 1), ours]],
  ['another address is listened on', [row('0200007F:0FA0', NONE, '0A', 5, 1), ours]],
  ['the ports are those of other addresses', [row('0200007F:0FA0', '0200007F:9C40', '01', 5, 1), ours]],
])('otherEnd finds nothing when %s', (_, rows) => expect(otherEnd(table(rows), connection)).toBeUndefined());
