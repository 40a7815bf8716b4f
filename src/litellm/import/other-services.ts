import type { ConfigFields } from '../config/config-schema.ts';

/** Warnings of addresses that name another service of the Compose file, because the gateway is not in its network. */
export function otherServices(fields: ConfigFields, services: readonly string[], compose: string): readonly string[] {
  const found = [
    ...new Set(
      addressesIn(fields)
        .filter(({ host }) => services.includes(host))
        .map(({ text }) => text),
    ),
  ];
  if (found.length === 0) return [];
  const what = found.length === 1 ? 'This address names a service' : 'These addresses name services';
  return [
    `${what} of ${compose}, whose network the gateway is not in: ${found.join(', ')}. Publish the port there, then use host.docker.internal (or 127.0.0.1 without Docker) as the host`,
  ];
}

interface Address {
  readonly text: string;
  readonly host: string;
}

/** URLs, and the values of fields such as `host` or `REDIS_HOST`. */
function addressesIn(value: unknown, name = ''): readonly Address[] {
  if (typeof value === 'string') {
    const host =
      /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([\w.-]+)/i.exec(value)?.[1] ??
      (/(^|_)host$/i.test(name) ? value : undefined);
    return host === undefined ? [] : [{ text: value, host }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([inner, of]) => addressesIn(of, inner));
}
