import { resolve } from 'node:path';
import { proxyAddress } from '../../io/network/proxy-address.ts';
import { CliError } from '../../model/errors.ts';
import { type GatewayVariable, PROXY_VARIABLES, type VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';
import { authorityVariable } from './certificate-authority.ts';
import type { EnvironmentFlags } from './environment-flags.ts';
import type { Sources } from './variable-values.ts';

interface NetworkVariables {
  readonly variables: readonly GatewayVariable[];
  readonly warnings: readonly string[];
}

type Network = NonNullable<GatewayVariable['network']>;

/** The HTTP proxies and the certificate authorities of the gateway's way out. */
export async function networkVariables(flags: EnvironmentFlags, sources: Sources): Promise<NetworkVariables> {
  const authorities = await authoritiesOf(flags, sources);
  return {
    variables: [...proxiesOf(flags, sources), ...authorities.flatMap((one) => one.variables)],
    warnings: authorities.flatMap((one) => one.warnings),
  };
}

const keptOf = ({ kept }: Sources, source: VariableSource, network: Network) =>
  kept.filter((one) => one.source === source && one.network === network);

function proxiesOf({ proxyFromEnv, configEnvironment }: EnvironmentFlags, sources: Sources) {
  if (proxyFromEnv === false) return [];
  const { env } = sources.context;
  const ofFlag = proxyFromEnv ? required(proxyVariables(env, 'flag')) : keptOf(sources, 'flag', 'proxy');
  if (!configEnvironment) return [...keptOf(sources, 'config', 'proxy'), ...ofFlag];
  if (!configEnvironment.proxyFromEnv) return ofFlag;
  // A colleague of this repository may have none.
  const found = proxyVariables(env, 'config');
  return [...(found.length > 0 ? found : keptOf(sources, 'config', 'proxy')), ...ofFlag];
}

function required(found: readonly GatewayVariable[]): readonly GatewayVariable[] {
  if (found.length > 0) return found;
  throw new CliError(
    'usage',
    'Neither HTTPS_PROXY nor HTTP_PROXY is set, but --proxy-from-env takes the proxy from them',
    {
      hint: 'Set HTTPS_PROXY, then run the same command again\nOr go on without a proxy: agents-llm up --no-proxy-from-env',
    },
  );
}

type Env = Sources['context']['env'];

/** Nothing without a proxy. A password in an address is a secret. */
function proxyVariables(env: Env, source: VariableSource): readonly GatewayVariable[] {
  const found = PROXY_VARIABLES.filter((name) => name !== 'NO_PROXY').flatMap((name) => {
    const value = proxyAddress(env, [name.toLowerCase(), name]);
    return value === '' ? [] : [{ name, value }];
  });
  const usable = found.filter(({ name, value }) => isHttp(name, value, found.length));
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

/** LiteLLM has no SOCKS client; ALL_PROXY often names one beside the others, for programs that have. */
function isHttp(name: string, value: string, found: number): boolean {
  if (/^https?:/i.test(value)) return true;
  if (name === 'ALL_PROXY' && found > 1) return false;
  throw new CliError('usage', `${name} names a SOCKS proxy, which the gateway cannot use`, {
    hint: 'Name an HTTP proxy in HTTPS_PROXY, then run the same command again',
    details: { variable: name },
  });
}

async function authoritiesOf({ ca, configEnvironment }: EnvironmentFlags, sources: Sources) {
  const kept = (source: VariableSource) => keptOf(sources, source, 'ca');
  if (ca === 'off') return [];
  const ofFlag = ca === undefined ? kept('flag')[0]?.file : resolve(sources.context.cwd, ca);
  const ofConfig = configEnvironment ? configEnvironment.ca : kept('config')[0]?.file;
  const wanted = [
    ...(ofConfig === undefined ? [] : [{ file: ofConfig, source: 'config' as const }]),
    ...(ofFlag === undefined ? [] : [{ file: ofFlag, source: 'flag' as const }]),
  ];
  return Promise.all(wanted.map(({ file, source }) => authorityVariable(file, source, kept(source), sources)));
}
