import { isIPv4 } from 'node:net';

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new Error('A port is a number from 1 to 65535');
  return port;
}

export function parseBind(text: string): string {
  const address = text === 'localhost' ? '127.0.0.1' : text;
  if (!isIPv4(address)) throw new Error('A bind address is an IPv4 address such as 127.0.0.1 or 0.0.0.0');
  return address;
}
