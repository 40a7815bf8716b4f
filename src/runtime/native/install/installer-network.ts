import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import {
  AUTHORITY,
  effectiveVariables,
  type GatewayVariable,
  PROXY_VARIABLES,
} from '../../../model/gateway-environment.ts';
import { LOOPBACK, sparedHosts } from '../../../model/no-proxy.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The user's environment, with the gateway's HTTP proxies where it has none. Loopback is reached without a proxy. */
export function withProxies(env: Env, variables: readonly GatewayVariable[]): Env {
  const proxies = effectiveVariables(variables).filter(({ network }) => network === 'proxy');
  const isSet = ({ name }: GatewayVariable) => Boolean(env[name] || env[name.toLowerCase()]);
  const additional = proxies.filter((proxy) => !isSet(proxy)).map(({ name, value }) => [name, value.reveal()]);
  const all: Env = { ...env, ...Object.fromEntries(additional) };
  if (!PROXY_VARIABLES.some((name) => name !== 'NO_PROXY' && (all[name] || all[name.toLowerCase()]))) return all;
  const spared = sparedHosts(all.no_proxy || all.NO_PROXY, LOOPBACK);
  return { ...all, NO_PROXY: spared, no_proxy: spared };
}

/** The variables by which uv, pip and our own download find certificates. */
const CERTIFICATES = ['SSL_CERT_FILE', 'PIP_CERT'];

/**
 * Adds the gateway's certificate authorities to the public ones, to those that the user's environment names and to `pipCert`
 * of pip's settings, in a file in `folder`.
 */
export async function withAuthorities(
  env: Env,
  variables: readonly GatewayVariable[],
  folder: string,
  { files, pipCert }: { readonly files: Pick<Files, 'makeOwnFolder' | 'read' | 'write'>; readonly pipCert?: string },
): Promise<Env> {
  const authority = effectiveVariables(variables).find(({ name }) => name === AUTHORITY);
  if (!authority) return env;
  const named = [...['NODE_EXTRA_CA_CERTS', ...CERTIFICATES].map((name) => env[name]), pipCert];
  const all = join(folder, 'ca.pem');
  await files.makeOwnFolder(folder);
  await files.write(all, `${await withPublicCertificates(named, files)}\n${authority.value.reveal()}`, 0o600);
  return { ...env, ...Object.fromEntries(CERTIFICATES.map((name) => [name, all])) };
}

/** The public certificates that Node trusts, followed by those in files, as far as these can be read. */
export async function withPublicCertificates(
  paths: readonly (string | undefined)[],
  files: Pick<Files, 'read'>,
): Promise<string> {
  const { rootCertificates } = await import('node:tls');
  const read = (path: string | undefined) => (path ? files.read(path).catch(() => undefined) : undefined);
  const additional = await Promise.all([...new Set(paths)].map(read));
  return [...rootCertificates, ...additional.filter((text) => text !== undefined)].join('\n');
}
