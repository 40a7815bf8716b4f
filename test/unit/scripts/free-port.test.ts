import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import { freePort } from '../../../scripts/free-port.js';

it('passes over a port in use', async () => {
  const random = vi.spyOn(Math, 'random').mockReturnValueOnce(0.5);
  const holder = createServer().listen(await freePort(), '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  random.mockReturnValueOnce(0.5).mockReturnValueOnce(0.25);
  const found = await freePort();
  holder.close();
  expect(found).not.toBe(port);
  expect(found).toBeLessThan(port);
});

it('stays below the ports of outgoing connections', async () => {
  vi.spyOn(Math, 'random').mockReturnValueOnce(0.9999);
  expect(await freePort()).toBeLessThan(32_768);
});
