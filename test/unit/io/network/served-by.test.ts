import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Connection } from '../../../../src/io/network/connection.ts';
import { listener } from '../../../../src/io/network/listener.ts';
import { servedBy, serves } from '../../../../src/io/network/served-by.ts';
import { noOtherUser } from '../../../support/other-user.ts';
import { itUnless, notOnLinux } from '../../../support/skipping.ts';
import { startStranger } from '../../../support/stranger-on-port.ts';

async function connectTo(port: number, host = '127.0.0.1'): Promise<Connection> {
  const socket = connect({ port, host });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  const local = { address: localAddress, port: localPort };
  return { local, remote: { address: remoteAddress, port: remotePort }, isClosed: () => socket.destroyed };
}

async function listen(host: string): Promise<number> {
  const server = createServer().listen({ host, port: 0 });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A process that has nothing to do with it. */
function sleeper(): number {
  const child = spawn('sleep', ['60']);
  onTestFinished(() => void child.kill());
  return child.pid ?? 0;
}

describe('serves and servedBy', () => {
  beforeEach(({ skip }) => skip(notOnLinux !== undefined, notOnLinux));

  it.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('recognise the process that listens on %s', async (host) => {
    const port = await listen(host);
    const connection = await connectTo(port, host === '::1' ? '::1' : '127.0.0.1');
    expect(await serves(process.pid, connection)).toBe('ours');
    expect(await servedBy(connection)).toBe(process.getuid?.());
    expect(await serves(sleeper(), connection)).toBe('other');
  });

  it('recognise a process by its child processes too', async () => {
    const program = `const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))`;
    const shell = spawn('sh', ['-c', `'${process.execPath}' -e "$PROGRAM"; :`], { env: { PROGRAM: program } });
    onTestFinished(() => void shell.kill());
    const [port] = await once(shell.stdout, 'data');
    const connection = await connectTo(Number(port));
    expect(await serves(shell.pid ?? 0, connection)).toBe('ours');
    expect(await serves(process.pid, connection)).toBe('ours');
    expect(await serves(sleeper(), connection)).toBe('other');
    process.kill(Number((await listener(Number(port)))?.pid), 'SIGKILL');
    await expect.poll(() => serves(process.pid, connection)).toBe('gone');
  });

  itUnless(noOtherUser)('recognise a process of another user', async () => {
    const port = await listen('127.0.0.1');
    const address = '127.0.0.7';
    const stranger = await startStranger(port, address);
    onTestFinished(() => stranger.stop());
    const connection = await connectTo(port, address);
    expect([await serves(sleeper(), connection), await servedBy(connection)]).toEqual(['other', 65_533]);
    expect(stranger.received()).toBe('');
  });
});
