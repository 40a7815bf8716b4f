import { CliError } from '../../model/errors.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { StuckHealth } from '../health/readiness.ts';

/** The error for a gateway that is ready, but not through its reverse proxy. */
export async function tlsFailure(
  runtime: Runtime,
  { tls }: Pick<StackSpec, 'tls'>,
  { code }: StuckHealth & { readonly state: 'tls-silent' },
): Promise<CliError> {
  const hints = [...(await podmanHints(runtime, tls)), 'See the log of the reverse proxy: agents-llm logs litellm-tls'];
  return new CliError('not_ready', `The gateway is ready, but the reverse proxy cannot reach it (${code})`, {
    hint: hints.join('\n'),
    details: { service: 'litellm-tls', code },
  });
}

/** What Podman 4.3 with netavark 1.4 does otherwise than Docker. */
async function podmanHints({ facts }: Runtime, tls: StackSpec['tls']): Promise<string[]> {
  if (facts.kind !== 'docker' || !tls) return [];
  const engine = await facts.engine().catch(() => undefined);
  if (engine?.product !== 'Podman') return [];
  const nginx = 'Use Traefik, because Nginx needs the DNS server of Docker: agents-llm up --tls traefik';
  const bind =
    'Name an address of this machine, because netavark 1.4 does not publish 0.0.0.0: agents-llm up --bind ADDRESS';
  return [...(tls.proxy === 'nginx' ? [nginx] : []), ...(tls.bind === '0.0.0.0' ? [bind] : [])];
}
