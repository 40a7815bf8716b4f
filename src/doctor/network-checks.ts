import { DATABASE, PROXY, type ServiceState } from '../model/service.ts';
import { proxyUrl, type TlsSpec } from '../model/stack-spec.ts';
import { nextFreePort } from '../runtime/port-taken.ts';
import { type ProxyHealth, whoAnswers } from '../stack/health/proxy-health.ts';
import { planSpec } from '../stack/open/plan-spec.ts';
import { requireFreePorts } from '../stack/startup/port-conflict.ts';
import { RENEWAL_MS } from '../stack/tls/certificate.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

export const NETWORK_CHECKS: readonly Check[] = [
  { id: 'bind', run: async ({ spec }) => judgeBind((await spec()).bind) },
  {
    id: 'web-origins',
    run: async ({ services, spec }) => {
      const proxy = (await services()).find(({ service }) => service === PROXY);
      return judgeOrigins(proxy, (await spec()).corsOrigins);
    },
  },
  {
    id: 'certificate',
    run: async ({ spec, invocation }) => judgeCertificate((await spec()).tls, invocation.context.clock.now()),
  },
  { id: 'port', run: checkPort },
  { id: 'responder', run: checkResponder },
  { id: 'database-port', run: checkDatabasePort },
];

export function judgeBind(bind: string): Finding {
  if (bind.startsWith('127.')) return ok(`${bind}: only this machine can connect`);
  const fix =
    'Serve HTTPS: agents-llm up --tls nginx --host NAME\nOr allow only this machine: agents-llm up --bind 127.0.0.1';
  return warn(`${bind} uses plain HTTP, so keys cross the network unencrypted`, fix);
}

/** Origins whose web pages may read the answers of the gateway; `others` are the configured ones. */
function judgeOrigins(proxy: ServiceState | undefined, others: readonly string[] = []): Finding {
  if (!proxy) return skip('No gateway yet');
  const allowed = proxy.corsOrigins?.split(',') ?? ['*'];
  if (allowed.includes('*')) {
    return warn('Web pages of every origin can read the answers of the gateway', 'Restrict the origins: agents-llm up');
  }
  if (others.some((origin) => !allowed.includes(origin))) {
    return warn(
      `The gateway does not allow these origins yet: ${others.join(', ')}`,
      'Restart it with them: agents-llm up',
    );
  }
  return ok(others.length === 0 ? 'Only its own web pages' : `Its own web pages and those of ${others.join(', ')}`);
}

/** Judges the certificate of the reverse proxy. `now` is in milliseconds since the epoch. */
export function judgeCertificate(tls: TlsSpec | undefined, now: number): Finding {
  if (!tls) return skip('No reverse proxy');
  const left = Date.parse(tls.expires) - now;
  const day = tls.expires.slice(0, 10);
  const renew = tls.source
    ? `Write a new certificate to ${tls.source.certificate}, then: agents-llm up`
    : 'Create a new one: agents-llm up';
  if (left <= 0) return fail('certificate_expired', `The certificate for ${tls.host} expired on ${day}`, renew);
  if (left < RENEWAL_MS) return warn(`The certificate for ${tls.host} expires on ${day}`, renew);
  return ok(`The certificate for ${tls.host} is valid until ${day}`);
}

/** Checks the port that the gateway has or would get; throws as `up` does if another program has it. */
async function checkPort({ invocation, runtime, state, services, health }: ExaminedStack): Promise<Finding> {
  const { settings, context } = invocation;
  const proxy = (await services()).find(({ service }) => service === PROXY);
  if (proxy?.published && (proxy.status === 'running' || proxy.status === 'paused')) {
    const seen = proxy.status === 'running' ? await health() : undefined;
    if (seen?.state === 'other-program' && seen.error) throw seen.error;
    return ok(`Port ${proxy.published.port} on ${proxy.published.bind} belongs to the gateway`);
  }
  const spec = planSpec(settings.project, { flags: {}, env: context.env }, await state(), runtime.defaults);
  if (runtime.kind === 'docker' && !/^(unix|npipe):/.test(await runtime.endpoint())) {
    return skip('Cannot check ports on the machine of a remote engine');
  }
  await requireFreePorts(invocation, runtime, spec, await services());
  return ok(`Port ${spec.port} on ${spec.bind} is free`);
}

/** Checks that the program at the address of the gateway is the gateway. */
async function checkResponder({ invocation, runtime, state, services, health }: ExaminedStack): Promise<Finding> {
  const { context, settings } = invocation;
  const proxy = (await services()).find(({ service }) => service === PROXY);
  // The address of the gateway, or the one where `up` would start it.
  const planned = planSpec(settings.project, { flags: {}, env: context.env }, await state(), runtime.defaults);
  const { bind, port } = proxy?.published ?? planned;
  const otherPort = () => nextFreePort(bind, port, context.ports);
  if (proxy?.status === 'running') {
    const seen = await health();
    return judgeAnswer(seen, port, seen?.state === 'other-program' ? await otherPort() : port);
  }
  if (proxy?.status === 'paused') return skip(`${PROXY} is paused: see services`);
  const url = proxyUrl(planned);
  const answer = await whoAnswers(context.http, url, context.signal);
  if (answer.who === 'nobody') return ok(`Nothing answers at ${url}`);
  const seen =
    answer.who === 'other'
      ? `Another program answers at ${url} (${answer.answer})`
      : `Another LiteLLM answers at ${url}`;
  return fail('port_taken', `${seen}, but this stack is not running`, usePort(await otherPort()));
}

const usePort = (port: number) => `Stop it, or use another port: agents-llm up --port ${port}`;

export function judgeAnswer(health: ProxyHealth | undefined, port: number, otherPort: number): Finding {
  if (health?.state === 'other-program' && health.error) {
    return fail('port_taken', health.error.message, health.error.hint ?? '');
  }
  if (health?.state === 'other-program') {
    const seen = `Another program answers on port ${port}: ${health.answer}`;
    return fail('not_litellm', seen, usePort(otherPort));
  }
  if (!health || health.state === 'silent') return ok('Nothing answers yet');
  return ok(`LiteLLM answers on port ${port}`);
}

async function checkDatabasePort({ runtime, services }: ExaminedStack): Promise<Finding> {
  const database = (await services()).find(({ service }) => service === DATABASE);
  if (runtime.kind === 'native') return skip('PostgreSQL only listens on 127.0.0.1');
  return database ? judgeDatabasePort(database.published) : skip('No database yet');
}

export function judgeDatabasePort(published: ServiceState['published']): Finding {
  if (!published) return ok('The database port is not published');
  const { bind, port } = published;
  const seen = `The database is published on ${bind}:${port}`;
  const fix = `Remove "ports" from the Compose file that publishes it, then: agents-llm restart ${DATABASE}`;
  if (bind.startsWith('127.')) return warn(`${seen}, so every program on this machine can connect`, fix);
  return fail('database_exposed', `${seen}, so the whole network can connect`, fix);
}
