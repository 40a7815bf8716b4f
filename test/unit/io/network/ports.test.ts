import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemPorts } from '../../../../src/io/network/ports.ts';

async function listen(host: string): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}

describe('probe', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '0.0.0.0'],
    ['0.0.0.0', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
  ])('reports for %s a port as taken that is in use on %s', async (bind, other) => {
    const { port } = await listen(other);
    expect(await systemPorts.probe(bind, port)).toBe('taken');
  });

  it.each(['127.0.0.1', '0.0.0.0'])('reports for %s a free port as free, and leaves it free', async (bind) => {
    const { port, close } = await listen(bind);
    await close();
    expect(await systemPorts.probe(bind, port)).toBe('free');
    expect(await systemPorts.probe(bind, port)).toBe('free');
  });

  it('reports an address that this machine does not have', async () => {
    const { port, close } = await listen('127.0.0.1');
    await close();
    // An address for documentation (RFC 5737): nobody has it.
    expect(await systemPorts.probe('192.0.2.1', port)).toBe('not-local');
  });
});
