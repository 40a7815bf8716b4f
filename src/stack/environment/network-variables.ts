import { resolve } from 'node:path';
import { proxyAddress } from '../../io/network/proxy-address.ts';
import { CliError } from '../../model/errors.ts';
import { type GatewayVariable, PROXY_VARIABLES, type VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';
import { authorityVariable } from './certificate-authority.ts';
import type { EnvironmentFlags } from './environment-flags.ts';
import { keptFrom, type Sources } from './variable-values.ts';

interface NetworkVariables {
  readonly variables: readonly GatewayVariable[];
  readonly warnings: readonly string[];
}

/** The HTTP proxies and certificate authorities for the gateway's connections to providers. */
export async function networkVariables(flags: EnvironmentFlags, sources: Sources): Promise<NetworkVariables> {
  const authorities = await plannedAuthorities(flags, sources);
  return {
    variables: [...plannedProxies(flags, sources), ...authorities.flatMap((authority) => authority.variables)],
    warnings: authorities.flatMap((authority) => authority.warnings),
  };
}

function plannedProxies({ proxyFromEnv, configEnvironment }: EnvironmentFlags, sources: Sources) {
  if (proxyFromEnv === false) return [];
  const { env } = sources.context;
  const fromFlag = proxyFromEnv ? requireProxies(proxyVariables(env, 'flag')) : keptFrom(sources, 'flag', 'proxy');
  if (!configEnvironment) return [...keptFrom(sources, 'config', 'proxy'), ...fromFlag];
  if (!configEnvironment.proxyFromEnv) return fromFlag;
  // agents-llm.yaml may be shared with colleagues who have no proxy.
  const proxies = proxyVariables(env, 'config');
  return [...(proxies.length > 0 ? proxies : keptFrom(sources, 'config', 'proxy')), ...fromFlag];
}

function requireProxies(proxies: readonly GatewayVariable[]): readonly GatewayVariable[] {
  if (proxies.length > 0) return proxies;
  throw new CliError(
    'usage',
    'Neither HTTPS_PROXY nor HTTP_PROXY is set, but --proxy-from-env takes the proxy from them',
    {
      hint: 'Set HTTPS_PROXY, then run the same command again\nOr go on without a proxy: agents-llm up --no-proxy-from-env',
    },
  );
}

type Env = Sources['context']['env'];

/** Empty without a proxy. An address is a secret if it contains a password. */
function proxyVariables(env: Env, source: VariableSource): readonly GatewayVariable[] {
  const proxies = PROXY_VARIABLES.filter((name) => name !== 'NO_PROXY').flatMap((name) => {
    const value = proxyAddress(env, [name.toLowerCase(), name]);
    return value === '' ? [] : [{ name, value }];
  });
  const usable = proxies.filter(({ name, value }) => isHttp(name, value, proxies.length));
  if (usable.length === 0) return [];
  const hosts = env.no_proxy || env.NO_PROXY;
  return [...usable, ...(hosts ? [{ name: 'NO_PROXY', value: hosts }] : [])].map(({ name, value }) => ({
    name,
    value: new Secret(value),
    isSecret: value.includes('@'),
    source,
    network: 'proxy',
  }));
}

/** LiteLLM has no SOCKS client. ALL_PROXY often names a SOCKS proxy in addition, for programs that have one. */
function isHttp(name: string, value: string, proxies: number): boolean {
  if (/^https?:/i.test(value)) return true;
  if (name === 'ALL_PROXY' && proxies > 1) return false;
  throw new CliError('usage', `${name} names a SOCKS proxy, which the gateway cannot use`, {
    hint: 'Name an HTTP proxy in HTTPS_PROXY, then run the same command again',
    details: { variable: name },
  });
}

async function plannedAuthorities({ ca, configEnvironment }: EnvironmentFlags, sources: Sources) {
  const kept = (source: VariableSource) => keptFrom(sources, source, 'ca');
  if (ca === 'off') return [];
  const fromFlag = ca === undefined ? kept('flag')[0]?.file : resolve(sources.context.cwd, ca);
  const fromConfig = configEnvironment ? configEnvironment.ca : kept('config')[0]?.file;
  const wanted = [
    ...(fromConfig === undefined ? [] : [{ file: fromConfig, source: 'config' as const }]),
    ...(fromFlag === undefined ? [] : [{ file: fromFlag, source: 'flag' as const }]),
  ];
  return Promise.all(wanted.map(({ file, source }) => authorityVariable(file, source, kept(source), sources)));
}
