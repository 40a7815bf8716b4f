import { AUTHORITY } from '../../model/gateway-environment.ts';
import { PROXY } from '../../model/service.ts';
import { readEnvironment } from '../../project/environment.ts';
import type { ReachedHost } from '../../runtime/reach-hosts.ts';
import type { Check } from '../check.ts';
import type { ExaminedStack } from '../examined-stack.ts';
import { type Finding, fail, ok, skip, warn } from '../finding.ts';
import { providerHosts } from './provider-hosts.ts';

export const PROVIDER_HOST_CHECKS: readonly Check[] = [{ id: 'provider-hosts', run: checkHosts }];

/** More would be asked one after the other by those that serve them all. */
const MOST_HOSTS = 20;

/** Only with --online, because it leaves this machine. */
async function checkHosts(stack: ExaminedStack): Promise<Finding> {
  if (!stack.online) return skip('Only with --online, which asks each provider for a TLS handshake');
  const [models, credentials] = [await stack.models(), await stack.credentials()];
  if (!models || !credentials) return skip('Not checked until the gateway is ready');
  const hosts = providerHosts(models, credentials).slice(0, MOST_HOSTS);
  if (hosts.length === 0) return skip('No provider whose address is known');
  const proxy = (await stack.services()).find(({ service }) => service === PROXY);
  if (proxy?.status !== 'running') return skip(`${PROXY} is not running: see services`);
  const { context, settings } = stack.invocation;
  const variables = await readEnvironment(context.files, settings.paths);
  const authority = variables.find(({ name }) => name === AUTHORITY)?.file;
  return judgeHosts(await stack.runtime.reachHosts(hosts), authority);
}

type Cause = NonNullable<ReachedHost['failed']>;

/** From what certainly needs mending here to what may be the network of the moment. */
const ORDER: readonly Cause[] = ['certificate', 'proxy', 'tls', 'dns', 'connect'];

/** `authority` is the file whose certificate authorities the gateway trusts. Without internet nothing is wrong with the stack. */
export function judgeHosts(reached: readonly ReachedHost[], authority?: string): Finding {
  const failures = reached.filter(({ failed }) => failed !== null);
  const rank = ({ failed }: ReachedHost) => ORDER.indexOf(failed ?? 'connect');
  const [worst] = [...failures].sort((a, b) => rank(a) - rank(b));
  if (!worst) return ok(`The gateway reaches ${reached.map(({ url }) => hostOf(url)).join(', ')}`);
  const seen = [...new Set(failures.map(sentence))].join('; ');
  const fix = remedy(worst, authority);
  return worst.failed === 'dns' || worst.failed === 'connect' ? warn(seen, fix) : fail('provider_failed', seen, fix);
}

const hostOf = (url: string) => new URL(url).host;

function sentence({ url, failed, why = 'no reason given', proxy, status }: ReachedHost): string {
  const host = hostOf(url);
  const by = proxy === undefined ? '' : ` through the HTTP proxy ${proxy}`;
  if (failed === 'certificate') return `The gateway does not trust the certificate of ${host}${by} (${why})`;
  if (failed === 'tls') return `${host} does not complete the TLS handshake${by} (${why})`;
  if (failed === 'dns') return `The gateway cannot find ${host} in DNS (${why})`;
  if (failed === 'connect') return `The gateway cannot connect to ${host} (${why})`;
  if (status === 407) return `The HTTP proxy ${proxy} asks for another login`;
  if (typeof status === 'number') return `The HTTP proxy ${proxy} does not connect to ${host} (HTTP ${status})`;
  return `The gateway cannot use the HTTP proxy ${proxy} (${why})`;
}

const TAKE_PROXY = 'agents-llm up --proxy-from-env';

function remedy({ failed, status, url, proxy }: ReachedHost, authority: string | undefined): string {
  if (failed === 'certificate') return certificateRemedy(url, authority);
  if (failed === 'tls') return 'Check the address of the provider: agents-llm provider list';
  if (failed === 'proxy') return proxyRemedy(status ?? undefined, url);
  const network = 'Check the network and the DNS of the gateway';
  return proxy === undefined ? `${network}\nBehind a company proxy, set HTTPS_PROXY, then: ${TAKE_PROXY}` : network;
}

function certificateRemedy(url: string, authority: string | undefined): string {
  return authority === undefined
    ? "Give the gateway your company's certificate authority: agents-llm up --ca FILE"
    : `Check that ${authority} contains the authority of ${hostOf(url)}, then: agents-llm up --ca ${authority}`;
}

function proxyRemedy(status: number | undefined, url: string): string {
  if (status === 407) return `Set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT, then: ${TAKE_PROXY}`;
  if (status !== undefined) {
    return `Ask those who run the proxy to allow ${hostOf(url)}\nOr add it to NO_PROXY, then: ${TAKE_PROXY}`;
  }
  return `Correct HTTPS_PROXY, then: ${TAKE_PROXY}\nOr go on without a proxy: agents-llm up --no-proxy-from-env`;
}
