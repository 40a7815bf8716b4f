import {
  endInWords,
  isLooping,
  PROXY,
  restartsInWords,
  type ServiceName,
  type ServiceState,
  wasStopped,
} from '../model/service.ts';
import { servicesOf } from '../model/stack-spec.ts';
import { unpause } from '../runtime/paused.ts';
import type { ProxyHealth } from '../stack/health/proxy-health.ts';
import { formatDuration } from '../text/duration.ts';
import type { Check } from './check.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

const START = 'start it: agents-llm up';

export const SERVICE_CHECKS: readonly Check[] = [
  {
    id: 'services',
    look: async ({ services, state, spec, invocation }) =>
      judgeServices(await services(), {
        wanted: servicesOf(await spec()),
        made: Boolean(await state()),
        now: invocation.context.clock.now(),
      }),
  },
  { id: 'readiness', look: async ({ health }) => judgeReadiness(await health()) },
  { id: 'master-key', look: async ({ health }) => judgeMasterKey(await health()) },
];

export function judgeServices(
  services: readonly ServiceState[],
  { wanted, made, now }: { readonly wanted: readonly ServiceName[]; readonly made: boolean; readonly now: number },
): Finding {
  if (services.length === 0 && !made) return skip('there is no stack yet; agents-llm up makes it');
  if (services.length === 0) return warn('there are no services', START);
  const sick = services.find((service) => ailmentOf(service));
  if (sick)
    return fail(
      'service_failed',
      `${sick.service} ${ailmentOf(sick)}`,
      sick.status === 'paused' ? unpause(sick) : `see why: agents-llm logs ${sick.service}`,
    );
  const running = services.filter(({ status }) => status === 'running');
  if (running.length === 0) return warn('the stack does not run', START);
  const missing = wanted.find((service) => !running.some((one) => one.service === service));
  if (missing) return fail('service_failed', `${missing} does not run, and the rest does`, START);
  const since = Math.min(...running.map(({ startedAt }) => now - (startedAt ?? now)));
  return ok(`all run, for ${formatDuration(Math.max(0, since))}`);
}

function ailmentOf(service: ServiceState): string | undefined {
  const { status, health, restarts, error } = service;
  if (isLooping(service)) return `ended ${restartsInWords(restarts)}`;
  if (status === 'exited') return error === '' && wasStopped(service) ? undefined : endInWords(service);
  if (status === 'dead') return 'is dead, as the engine says';
  if (status === 'paused') return 'is paused';
  if (health === 'unhealthy') return 'fails its health check';
  if (error === '') return undefined;
  return status === 'running' ? `runs, and ${error}` : `does not start: ${error}`;
}

export function judgeReadiness(health: ProxyHealth | undefined): Finding {
  const notReady = (seen: string) =>
    fail(
      'not_ready',
      seen,
      `wait until it is: agents-llm up
see what it does: agents-llm logs ${PROXY}`,
    );
  switch (health?.state) {
    case undefined:
      return skip('the proxy does not run');
    case 'ready':
      return ok(`LiteLLM ${health.version ?? 'of unknown version'} is ready`);
    case 'silent':
      return notReady(`the proxy runs and does not answer (${health.code})`);
    case 'not-responding':
      return fail('not_responding', 'The gateway is not responding', `restart it: agents-llm restart ${PROXY}`);
    case 'starting':
      return notReady(`the proxy answers ${health.status} and is not ready`);
    case 'database-lost':
      return skip('cannot be told: see database');
    case 'tls-silent':
      return notReady(`the proxy is ready, and the reverse proxy before it does not answer (${health.code})`);
    case 'key-refused':
      return ok('the proxy has its database; see master-key');
    case 'stranger':
      return skip('cannot be told: see stranger');
  }
}

export function judgeMasterKey(health: ProxyHealth | undefined): Finding {
  if (health?.state === 'ready') return ok('the proxy takes the master key of this stack');
  if (health?.state !== 'key-refused') return skip('cannot be told before the proxy is ready');
  const fix = `when another LiteLLM answers there: stop it, or agents-llm up --port 4001
else start the proxy anew with its own key: agents-llm restart ${PROXY}`;
  return fail('key_refused', "what answers at the proxy's address refuses the master key of this stack", fix);
}
