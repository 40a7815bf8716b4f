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
import { unpauseCommand } from '../runtime/paused-service.ts';
import type { ProxyHealth } from '../stack/health/proxy-health.ts';
import { formatDuration } from '../text/duration.ts';
import type { Check } from './check.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

const START = 'Start the stack: agents-llm up';

export const SERVICE_CHECKS: readonly Check[] = [
  {
    id: 'services',
    run: async ({ services, state, spec, invocation }) =>
      judgeServices(await services(), {
        wanted: servicesOf(await spec()),
        made: Boolean(await state()),
        now: invocation.context.clock.now(),
      }),
  },
  { id: 'readiness', run: async ({ health }) => judgeReadiness(await health()) },
  { id: 'master-key', run: async ({ health }) => judgeMasterKey(await health()) },
];

export function judgeServices(
  services: readonly ServiceState[],
  { wanted, made, now }: { readonly wanted: readonly ServiceName[]; readonly made: boolean; readonly now: number },
): Finding {
  if (services.length === 0 && !made) return skip('No stack yet (agents-llm up creates it)');
  if (services.length === 0) return warn('No services exist', START);
  const sick = services.find((service) => ailmentOf(service));
  if (sick)
    return fail(
      'service_failed',
      `${sick.service} ${ailmentOf(sick)}`,
      sick.status === 'paused' ? unpauseCommand(sick) : `See why: agents-llm logs ${sick.service}`,
    );
  const running = services.filter(({ status }) => status === 'running');
  if (running.length === 0) return warn('The stack is not running', START);
  const missing = wanted.find((service) => !running.some((found) => found.service === service));
  if (missing) return fail('service_failed', `${missing} is not running, but the other services are`, START);
  const since = Math.min(...running.map(({ startedAt }) => now - (startedAt ?? now)));
  return ok(`All services running for ${formatDuration(Math.max(0, since))}`);
}

function ailmentOf(service: ServiceState): string | undefined {
  const { status, health, restarts, error } = service;
  if (isLooping(service)) return `ended ${restartsInWords(restarts)}`;
  if (status === 'exited') return error === '' && wasStopped(service) ? undefined : endInWords(service);
  if (status === 'dead') return 'is reported dead by the engine';
  if (status === 'paused') return 'is paused';
  if (health === 'unhealthy') return 'fails its health check';
  if (error === '') return undefined;
  return status === 'running' ? `is running, but ${error}` : `does not start: ${error}`;
}

export function judgeReadiness(health: ProxyHealth | undefined): Finding {
  const notReady = (seen: string) =>
    fail(
      'not_ready',
      seen,
      `Wait until it is ready: agents-llm up
See the logs: agents-llm logs ${PROXY}`,
    );
  switch (health?.state) {
    case undefined:
      return skip('The gateway is not running');
    case 'ready':
      return ok(`LiteLLM ${health.version ?? 'of unknown version'} is ready`);
    case 'silent':
      return notReady(`The gateway is running but does not answer (${health.code})`);
    case 'not-responding':
      return fail('not_responding', 'The gateway is not responding', `Restart it: agents-llm restart ${PROXY}`);
    case 'starting':
      return notReady(`The gateway answers HTTP ${health.status} and is not ready yet`);
    case 'database-lost':
      return skip('Not checked: see database');
    case 'tls-silent':
      return notReady(`The gateway is ready, but the reverse proxy in front of it does not answer (${health.code})`);
    case 'key-refused':
      return ok('The gateway has its database; see master-key');
    case 'other-program':
      return skip('Not checked: see responder');
  }
}

export function judgeMasterKey(health: ProxyHealth | undefined): Finding {
  if (health?.state === 'ready') return ok('The gateway accepts the master key of this stack');
  if (health?.state !== 'key-refused') return skip('Not checked until the gateway is ready');
  const fix = `Stop the other LiteLLM if one answers there
Or recreate the gateway with its own key: agents-llm restart ${PROXY}`;
  return fail('key_refused', 'The program at the address of the gateway rejects the master key of this stack', fix);
}
