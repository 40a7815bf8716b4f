import { DATABASE, endInWords, isLooping, restartsInWords, type ServiceState } from '../../model/service.ts';
import { type StackSpec, servicesOf } from '../../model/stack-spec.ts';
import { unpauseCommand } from '../../runtime/paused-service.ts';
import type { ProxyHealth } from '../health/proxy-health.ts';

export type StackCondition =
  | 'not-created'
  | 'created'
  | 'exited'
  | 'starting'
  | 'restarting'
  | 'paused'
  | 'unhealthy'
  | 'not-responding'
  | 'ready'
  | 'ready-on-another-engine';

export interface Condition {
  readonly state: StackCondition;
  /** One sentence more than `state` says; null when there is nothing to add. */
  readonly reason: string | null;
}

export interface ObservedStack {
  readonly spec: StackSpec;
  readonly services: readonly ServiceState[];
  /** Undefined when the gateway was not asked. */
  readonly health: ProxyHealth | undefined;
  /** Whether it runs on another engine than the one that Docker uses now. */
  readonly elsewhere: boolean;
  readonly hasSecrets: boolean;
}

/** The state of the whole stack, from its services and its gateway, with the most obvious cause first. */
export function conditionOf({ spec, services, health, elsewhere, hasSecrets }: ObservedStack): Condition {
  if (services.length === 0) return { state: 'not-created', reason: null };
  if (health?.state === 'ready') return { state: elsewhere ? 'ready-on-another-engine' : 'ready', reason: null };
  const paused = services.find(({ status }) => status === 'paused');
  if (paused) return { state: 'paused', reason: `${paused.service} is paused: ${unpauseCommand(paused)}` };
  if (health?.state === 'other-program' && health.error) return unhealthy(health.error.message);
  const looping = services.find(isLooping);
  if (looping) return { state: 'restarting', reason: `${looping.service} ended ${restartsInWords(looping.restarts)}` };
  const stopped = stoppedCondition(services);
  if (stopped) return stopped;
  if (services.length < servicesOf(spec).length) return unhealthy('a service is missing');
  const waiting = services.find(({ status }) => status === 'created');
  if (waiting?.error) return unhealthy(waiting.error);
  return hasSecrets ? unreadyCondition(services, health) : unhealthy('its secrets are missing');
}

const unhealthy = (reason: string): Condition => ({ state: 'unhealthy', reason });

function stoppedCondition(services: readonly ServiceState[]): Condition | undefined {
  if (services.every(({ status }) => status === 'created')) {
    return { state: 'created', reason: services[0]?.error || null };
  }
  if (services.every(({ status }) => status !== 'running')) {
    const failed = services.find(({ error }) => error !== '');
    return { state: 'exited', reason: failed ? `${failed.service} ${endInWords(failed)}` : null };
  }
  const stopped = services.find(({ status }) => status === 'exited' || status === 'dead');
  return stopped && unhealthy(`${stopped.service} ${endInWords(stopped)}`);
}

function unreadyCondition(services: readonly ServiceState[], health: ProxyHealth | undefined): Condition {
  switch (health?.state) {
    case 'database-lost':
      return unhealthy('the gateway cannot reach its database');
    case 'not-responding':
      return { state: 'not-responding', reason: 'the gateway accepts connections but does not answer' };
    case 'tls-silent':
      return unhealthy(`the reverse proxy cannot reach the gateway (${health.code})`);
    case 'key-refused':
      return unhealthy('the gateway rejects the master key of this stack');
    case 'other-program':
      return unhealthy(`litellm does not answer like LiteLLM (${health.answer})`);
    default: {
      const failing = services.find((service) => service.health === 'unhealthy');
      if (failing) return unhealthy(`the health check of ${failing.service} fails`);
      const database = services.find((service) => service.service === DATABASE);
      return { state: 'starting', reason: database?.health === 'starting' ? 'the database' : 'the gateway' };
    }
  }
}
