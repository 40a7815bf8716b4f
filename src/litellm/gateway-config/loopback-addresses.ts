import { isLoopbackHost } from '../../model/this-machine.ts';
import { isRecord } from '../../text/json.ts';

/** The addresses in a configuration that lead to the machine of the gateway itself, which under Docker is its container. */
export function loopbackAddresses(value: unknown, name = ''): readonly string[] {
  if (typeof value === 'string') return isLoopback(name, value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((inner) => loopbackAddresses(inner, name));
  if (!isRecord(value)) return [];
  const found = Object.entries(value).flatMap(([inner, of]) => loopbackAddresses(of, inner));
  return [...new Set(found)];
}

function isLoopback(name: string, value: string): boolean {
  if (/(^|_)host$/i.test(name) && isLoopbackHost(value)) return true;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) && URL.canParse(value) && isLoopbackHost(new URL(value).hostname);
}
