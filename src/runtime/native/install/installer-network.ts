import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { AUTHORITY, effectiveVariables, type GatewayVariable } from '../../../model/gateway-environment.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The user's environment, with the gateway's HTTP proxies where it has none. */
export function withProxies(env: Env, variables: readonly GatewayVariable[]): Env {
  const proxies = effectiveVariables(variables).filter(({ network }) => network === 'proxy');
  const isSet = ({ name }: GatewayVariable) => Boolean(env[name] || env[name.toLowerCase()]);
  const given = proxies.filter((proxy) => !isSet(proxy)).map(({ name, value }) => [name, value.reveal()]);
  return { ...env, ...Object.fromEntries(given) };
}

/** The variables by which uv, pip and our own download find certificates. */
const CERTIFICATES = ['SSL_CERT_FILE', 'PIP_CERT'];

/**
 * Adds the gateway's certificate authorities to the public ones, in a file in `folder`, unless the user has set them.
 */
export async function withAuthorities(
  env: Env,
  variables: readonly GatewayVariable[],
  folder: string,
  files: Pick<Files, 'makeOwnFolder' | 'write'>,
): Promise<Env> {
  const given = effectiveVariables(variables).find(({ name }) => name === AUTHORITY);
  if (!given || CERTIFICATES.some((name) => env[name])) return env;
  const { rootCertificates } = await import('node:tls');
  const [own, all] = [join(folder, 'own-ca.pem'), join(folder, 'ca.pem')];
  await files.makeOwnFolder(folder);
  await files.write(own, given.value.reveal(), 0o600);
  await files.write(all, [...rootCertificates, given.value.reveal()].join('\n'), 0o600);
  return { ...env, NODE_EXTRA_CA_CERTS: own, ...Object.fromEntries(CERTIFICATES.map((name) => [name, all])) };
}
