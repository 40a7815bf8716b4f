import { DATABASE, PROXY, type ServiceState } from '../model/service.ts';
import { proxyUrl, type TlsSpec } from '../model/stack-spec.ts';
import { type ProxyHealth, whoAnswers } from '../stack/health/proxy-health.ts';
import { planSpec } from '../stack/open/plan-spec.ts';
import { requireFreePorts } from '../stack/startup/port-conflict.ts';
import { RENEWAL_MS } from '../stack/tls/certificate.ts';
import type { Check } from './check.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';
import type { ExaminedStack } from './looked-up.ts';

export const NETWORK_CHECKS: readonly Check[] = [
  { id: 'bind', look: async ({ spec }) => judgeBind((await spec()).bind) },
  {
    id: 'web-origins',
    look: async ({ services, spec }) => {
      const proxy = (await services()).find(({ service }) => service === PROXY);
      return judgeOrigins(proxy, (await spec()).corsOrigins);
    },
  },
  {
    id: 'certificate',
    look: async ({ spec, invocation }) => judgeCertificate((await spec()).tls, invocation.context.clock.now()),
  },
  { id: 'port', look: lookAtPort },
  { id: 'stranger', look: lookForStranger },
  { id: 'database-port', look: lookAtDatabasePort },
];

export function judgeBind(bind: string): Finding {
  if (bind.startsWith('127.')) return ok(`${bind}: this machine alone`);
  const fix =
    'put a reverse proxy with TLS before it: agents-llm up --tls nginx --host NAME\nor: agents-llm up --bind 127.0.0.1';
  return warn(`${bind} is plain HTTP: keys cross the network unencrypted`, fix);
}

/** Whose web pages may read the gateway's answers; `others` are those that were named. */
function judgeOrigins(proxy: ServiceState | undefined, others: readonly string[] = []): Finding {
  if (!proxy) return skip('there is no gateway yet');
  const allowed = proxy.corsOrigins?.split(',') ?? ['*'];
  if (allowed.includes('*')) {
    return warn('Web pages of every origin can read the answers of the gateway', 'agents-llm up');
  }
  if (others.some((origin) => !allowed.includes(origin))) {
    return warn(`The gateway does not know these origins yet: ${others.join(', ')}`, 'agents-llm up');
  }
  return ok(others.length === 0 ? 'Only its own web pages' : `Its own web pages and those of ${others.join(', ')}`);
}

/** Of the reverse proxy. `now` is in milliseconds since the epoch. */
export function judgeCertificate(tls: TlsSpec | undefined, now: number): Finding {
  if (!tls) return skip('there is no reverse proxy');
  const left = Date.parse(tls.expires) - now;
  const day = tls.expires.slice(0, 10);
  const renew = tls.source
    ? `put a new one into ${tls.source.certificate}, then: agents-llm up`
    : 'have a new one made: agents-llm up';
  if (left <= 0) return fail('certificate_expired', `the certificate for ${tls.host} expired on ${day}`, renew);
  if (left < RENEWAL_MS) return warn(`the certificate for ${tls.host} expires on ${day}`, renew);
  return ok(`the certificate for ${tls.host} is good until ${day}`);
}

/** Where the proxy is, or would be; throws what `up` throws when another has the port. */
async function lookAtPort({ invocation, runtime, state, services, health }: ExaminedStack): Promise<Finding> {
  const { settings, context } = invocation;
  const proxy = (await services()).find(({ service }) => service === PROXY);
  if (proxy?.published && (proxy.status === 'running' || proxy.status === 'paused')) {
    const seen = proxy.status === 'running' ? await health() : undefined;
    if (seen?.state === 'stranger' && seen.error) throw seen.error;
    return ok(`${proxy.published.port} on ${proxy.published.bind} is the proxy's own`);
  }
  const spec = planSpec(settings.project, { flags: {}, env: context.env }, await state(), runtime.defaults);
  if (runtime.kind === 'docker' && !(await runtime.endpoint()).startsWith('unix:')) {
    return skip('the ports of an engine elsewhere cannot be tried from here');
  }
  await requireFreePorts(invocation, runtime, spec, await services());
  return ok(`${spec.port} on ${spec.bind} is free`);
}

/** Whether what answers at the gateway's address is the gateway. */
async function lookForStranger({ invocation, runtime, state, services, health }: ExaminedStack): Promise<Finding> {
  const { context, settings } = invocation;
  const proxy = (await services()).find(({ service }) => service === PROXY);
  if (proxy?.status === 'running') return judgeAnswer(await health());
  if (proxy?.status === 'paused') return skip(`${PROXY} is paused: see services`);
  // Where `up` would start it.
  const url = proxyUrl(planSpec(settings.project, { flags: {}, env: context.env }, await state(), runtime.defaults));
  const answer = await whoAnswers(context.http, url, context.signal);
  if (answer.who === 'nobody') return ok(`nothing answers at ${url}`);
  const seen =
    answer.who === 'other' ? `something else answers at ${url}: ${answer.answer}` : `another LiteLLM answers at ${url}`;
  return fail(
    'port_taken',
    `${seen}, and this stack does not run`,
    'stop it, or take another port: agents-llm up --port 4001',
  );
}

export function judgeAnswer(health: ProxyHealth | undefined): Finding {
  if (health?.state === 'stranger' && health.error) {
    return fail('port_taken', health.error.message, health.error.hint ?? '');
  }
  if (health?.state === 'stranger') {
    const seen = `something else than LiteLLM answers at the proxy's address: ${health.answer}`;
    return fail('not_litellm', seen, 'stop it, or take another port: agents-llm up --port 4001');
  }
  if (!health || health.state === 'silent') return ok('nothing answers yet');
  return ok('LiteLLM answers');
}

async function lookAtDatabasePort({ runtime, services }: ExaminedStack): Promise<Finding> {
  const database = (await services()).find(({ service }) => service === DATABASE);
  if (runtime.kind === 'native') return skip('PostgreSQL is started on 127.0.0.1, and no setting changes that');
  return database ? judgeDatabasePort(database.published) : skip('there is no database yet');
}

export function judgeDatabasePort(published: ServiceState['published']): Finding {
  if (!published) return ok('the host has no port of the database');
  const { bind, port } = published;
  const seen = `the database is published on ${bind}:${port}`;
  const fix = `take "ports" out of the Compose file that did it, then: agents-llm restart ${DATABASE}`;
  if (bind.startsWith('127.')) return warn(`${seen}, for all programs of this machine`, fix);
  return fail('database_exposed', `${seen}, for the whole network`, fix);
}
