import type { Operation, Workplace } from '../../context/invocation.ts';
import type { PeerCheck } from '../../io/network/connection.ts';
import { type AdminClient, createAdminClient } from '../../litellm/admin/client.ts';
import { notResponding } from '../../litellm/admin/transport-errors.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import { proxyUrl, type StackSpec } from '../../model/stack-spec.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import type { StackState } from '../../project/state.ts';
import { requireUnpaused } from '../../runtime/paused-service.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { probeProxy, targetOf } from '../health/proxy-health.ts';
import { otherProgramError } from '../startup/other-program-error.ts';
import { requireKnownSecrets } from './known-secrets.ts';
import { openStack, type RuntimeFor, requireSameEngine } from './open-stack.ts';
import { knownSpec } from './plan-spec.ts';

/** A stack that exists, on the engine that answers now, with the secrets of its data. */
export interface MadeStack {
  readonly runtime: Runtime;
  readonly state: StackState;
  readonly secrets: StackSecrets;
  readonly spec: StackSpec;
  readonly peer: PeerCheck;
  readonly client: AdminClient;
}

export async function requireMade(invocation: Operation, runtimeFor?: RuntimeFor): Promise<MadeStack> {
  const { settings } = invocation;
  const { runtime, state, secrets } = await openStack(invocation, runtimeFor);
  if (!state || !secrets) {
    throw new CliError('not_running', 'The stack has not been created yet', { hint: 'Create it: agents-llm up' });
  }
  requireSameEngine(state, await runtime.preflight());
  const spec = knownSpec(settings.project, state, runtime.defaults);
  const peer = peerOf(invocation, runtime, spec);
  return { runtime, state, secrets, spec, peer, client: localClient(invocation, spec, secrets, peer) };
}

/** A client of the stack itself, whatever LITELLM_BASE_URL says. */
export function localClient(
  { context: { http, clock, signal }, settings }: Workplace,
  spec: StackSpec,
  { masterKey }: StackSecrets,
  peer: PeerCheck,
): AdminClient {
  const startCommand = commandLine(settings.project, 'up');
  const target = { url: proxyUrl(spec), masterKey, keySource: settings.paths.secrets, startCommand, peer };
  return createAdminClient({ http, clock, target, signal });
}

/** As `requireMade`, and the stack is ready to answer. */
export async function requireReady(invocation: Operation, runtimeFor?: RuntimeFor): Promise<MadeStack> {
  const stack = await requireMade(invocation, runtimeFor);
  requireKnownSecrets(invocation, stack.secrets, stack.state.fingerprints);
  const services = await stack.runtime.services();
  if (!services.some(({ status }) => status === 'running')) {
    throw new CliError('not_running', 'The stack is not running', { hint: 'Start it: agents-llm up' });
  }
  const { http, signal } = invocation.context;
  requireUnpaused(services);
  const health = await probeProxy(http, targetOf(stack.spec, stack.secrets.masterKey, stack.peer), signal);
  const { state } = health;
  if (state === 'ready') return stack;
  if (health.state === 'other-program') throw otherProgramError(health);
  if (state === 'not-responding') throw notResponding(stack.client.target, { method: 'GET' });
  throw new CliError('not_ready', `The stack is not ready (${state})`, {
    hint: 'Wait until it is ready: agents-llm up',
    details: { health: state },
  });
}
