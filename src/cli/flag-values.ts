import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { parseBind, parsePort } from '../model/address.ts';
import { parseMemory } from '../model/memory-limit.ts';
import { ALL_SERVICES, type ServiceName } from '../model/service.ts';
import { originOf } from '../model/web-origins.ts';
import { parseDuration } from '../text/duration.ts';
import { jsonValue } from '../text/json.ts';
import { ADVANCED } from './command-help.ts';

/** Turns the errors of a parser into usage errors of a flag. */
export function argument<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : 'The value is not valid');
    }
  };
}

export const portArgument = argument(parsePort);
export const bindArgument = argument(parseBind);

/** Milliseconds. */
export function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('A duration is a number and s, m or h, such as 90s');
  return ms;
}

/** The option of every command that waits for the stack. */
export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'how long to wait until ready')
    .argParser(parseTimeout)
    .default(300_000, '300s');
}

export function parseImage(text: string): string {
  if (!/^[a-z0-9][A-Za-z0-9._:/@=-]*$/.test(text)) {
    throw new InvalidArgumentError(
      'An image is a reference such as ghcr.io/berriai/litellm:v1.108.11 (or litellm==1.108.11)',
    );
  }
  return text;
}

/** Bytes; null for `off`, which sets the default. */
export const parseMemoryFlag = argument((text) => (text === 'off' ? null : parseMemory(text)));

/** Adds an origin; `off` removes all earlier ones. */
export function parseCorsOrigin(text: string, previous: readonly string[] = []): readonly string[] {
  if (text === 'off') return [];
  const origin = originOf(text);
  if (origin !== undefined) return [...previous, origin];
  throw new InvalidArgumentError(
    text === '*'
      ? 'With * every web page could use the gateway. Name each origin: --cors-origin https://app.example.com'
      : 'An origin is scheme://host[:port] without a path, such as https://app.example.com',
  );
}

export function parseLineCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A number of lines is a whole number, such as 100');
  return Number(text);
}

/** A duration before now or an RFC 3339 time, as in `docker logs --since`. */
export function parseSince(text: string): string {
  const isTime = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  if (isTime) return text;
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('A time is a duration before now (10m) or a date such as 2026-01-31T12:00:00Z');
  return `${Math.ceil(ms / 1000)}s`;
}

function parseService(text: string): ServiceName {
  const found = ALL_SERVICES.find((service) => service === text);
  if (found) return found;
  throw new InvalidArgumentError(`The services are ${ALL_SERVICES.join(', ')}`);
}

export function parseServices(text: string, previous: readonly ServiceName[] = []): readonly ServiceName[] {
  return [...previous, parseService(text)];
}

/** A host with an optional port. */
export function parseHost(text: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/.test(text)) return text;
  throw new InvalidArgumentError('A host is a name or an IPv4 address, such as pg.internal or pg.internal:5433');
}

/** Kubernetes' own rule. */
export function parseNamespace(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('A namespace has lower-case letters, digits and - only');
}

/** US dollars. */
export function parseDollars(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Dollars are a number such as 5 or 0.5');
}

/** Names, separated by commas, each once. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...new Set(names)];
  throw new InvalidArgumentError('Names are separated by commas, such as fast,local');
}

/** The option of every command that can use another LiteLLM. */
export function addBaseUrl(command: Command): Command {
  return command.addOption(
    new Option('--base-url <url>', 'another LiteLLM (LITELLM_BASE_URL, with LITELLM_MASTER_KEY)').helpGroup(ADVANCED),
  );
}

type Values = Readonly<Record<string, string>>;

/** Adds one `--set name=value`. */
export function collectKeyValue(text: string, previous: Values = {}): Values {
  const match = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text);
  if (!match?.[1]) throw new InvalidArgumentError('Use NAME=VALUE');
  return { ...previous, [match[1]]: match[2] ?? '' };
}

/** `true`, `3`, `[1]` and `{}` are parsed as JSON; anything else stays text. */
export function jsonValues(values: Values = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonOrText(value)]));
}

function jsonOrText(value: string): unknown {
  const json = jsonValue(value);
  return json === undefined ? value : json;
}
