import { isIPv4 } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../duration.ts';
import { ALL_SERVICES, type ServiceName } from '../service.ts';
import { originOf } from '../web-origins.ts';

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return port;
}

/** Milliseconds. */
export function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('A duration is a number and s, m or h, such as 90s.');
  return ms;
}

/** What every command takes that waits for the stack. */
export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'how long to wait until ready')
    .argParser(parseTimeout)
    .default(300_000, '300s');
}

export function parseBind(text: string): string {
  const address = text === 'localhost' ? '127.0.0.1' : text;
  if (!isIPv4(address)) throw new InvalidArgumentError('An address to bind to is IPv4, such as 127.0.0.1 or 0.0.0.0.');
  return address;
}

export function parseImage(text: string): string {
  if (!/^[a-z0-9][A-Za-z0-9._:/@=-]*$/.test(text)) {
    throw new InvalidArgumentError(
      'An image is a reference such as ghcr.io/berriai/litellm:v1.108.11 (or litellm==1.108.11).',
    );
  }
  return text;
}

/** One more of them; `off` forgets those of before. */
export function parseCorsOrigin(text: string, previous: readonly string[] = []): readonly string[] {
  if (text === 'off') return [];
  const origin = originOf(text);
  if (origin !== undefined) return [...previous, origin];
  throw new InvalidArgumentError(
    text === '*'
      ? 'With * every web page could use the gateway: name the origins, one --cors-origin each.'
      : 'An origin is scheme://host[:port] without a path, such as https://app.example.com.',
  );
}

export function parseLineCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A number of lines is a whole number, such as 100.');
  return Number(text);
}

/** A duration back from now or an RFC 3339 time, as `docker logs --since` takes it. */
export function parseSince(text: string): string {
  const isTime = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  if (isTime) return text;
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('A time is a duration back from now (10m) or 2026-01-31T12:00:00Z.');
  return `${Math.ceil(ms / 1000)}s`;
}

function parseService(text: string): ServiceName {
  const found = ALL_SERVICES.find((service) => service === text);
  if (found) return found;
  throw new InvalidArgumentError(`The services are ${ALL_SERVICES.join(', ')}.`);
}

export function parseServices(text: string, previous: readonly ServiceName[] = []): readonly ServiceName[] {
  return [...previous, parseService(text)];
}

/** A host, with a port where there is one. */
export function parseHost(text: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/.test(text)) return text;
  throw new InvalidArgumentError('A host is a name or an IPv4 address, such as pg.internal or pg.internal:5433.');
}

/** Kubernetes' own rule. */
export function parseNamespace(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('A namespace is made of lower-case letters, digits and -.');
}
