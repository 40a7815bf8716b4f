import type { Operation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { formatMemory, limitOfKill } from '../../model/memory-limit.ts';
import { DATABASE, PROXY, restartsInWords, type ServiceName, type ServiceState } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { formatDuration } from '../../text/duration.ts';
import { diagnose } from '../health/diagnosis.ts';
import type { ProxyHealth } from '../health/proxy-health.ts';
import type { StuckHealth, WaitResult } from '../health/readiness.ts';
import { otherProgramError } from './other-program-error.ts';
import { tlsFailure } from './tls-failure.ts';

const LAST_LINES = 20;

/** The error for a service that ended, restarts or is unhealthy, with its cause where that is known and its last lines. */
export async function serviceFailure(
  invocation: Pick<Operation, 'context' | 'redaction'>,
  runtime: Runtime,
  seen: ServiceState,
): Promise<CliError> {
  const service = await withCause(runtime, seen);
  const log = await lastLines(invocation, runtime, service.service);
  const known = diagnose(service.service, log.join('\n'), runtime.kind);
  return new CliError('service_failed', `${service.service} failed: ${known?.cause ?? conditionOf(service)}`, {
    hint: known?.fix ?? hintFor(service),
    details: {
      service: service.service,
      status: service.status,
      exitCode: lastExitCode(service),
      restarts: service.restarts,
      cause: known?.cause ?? null,
      log: log.slice(-LAST_LINES),
    },
  });
}

/** What runs again after a restart does not tell why it ended. */
async function withCause(runtime: Runtime, service: ServiceState): Promise<ServiceState> {
  if (service.restarts === 0 || service.error !== '') return service;
  const error = await runtime.causeOfRestart?.(service).catch(noCause);
  return error ? { ...service, error } : service;
}

/** Asking for the cause must not hide the failure. */
function noCause(error: unknown): string {
  if (error instanceof CliError) return '';
  throw error;
}

/** With twice the limit that a gateway was killed at. */
function hintFor({ service, error }: Pick<ServiceState, 'service' | 'error'>): string {
  const limit = limitOfKill(error);
  if (service !== PROXY || limit === undefined) return `See its log: agents-llm logs ${service}`;
  return `Raise the limit: agents-llm up --memory ${formatMemory(2 * limit)}`;
}

/** Runs a start of the database; when it fails, the state and the log of the database say why. */
export async function namingCause<Result>(
  invocation: Pick<Operation, 'context' | 'redaction'>,
  runtime: Runtime,
  start: () => Promise<Result>,
): Promise<Result> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'service_failed') throw error;
    const database = (await runtime.services()).find(({ service }) => service === DATABASE);
    if (!database || (database.status === 'running' && database.restarts === 0)) throw error;
    throw await serviceFailure(invocation, runtime, database);
  }
}

/** The error for a wait that ended without a ready stack. */
export async function waitFailure(
  invocation: Pick<Operation, 'context' | 'settings' | 'redaction'>,
  runtime: Runtime,
  result: Exclude<WaitResult, { end: 'ready' }>,
  { spec, elapsedMs }: { readonly spec: StackSpec; readonly elapsedMs: number },
): Promise<CliError> {
  switch (result.end) {
    case 'failed':
      return serviceFailure(invocation, runtime, result.service);
    case 'key-refused':
      return new CliError('key_refused', 'The gateway is running but rejects the master key of this stack', {
        hint: `Recreate its container with the key in ${invocation.settings.paths.secrets}: agents-llm restart litellm`,
      });
    case 'other-program':
      return otherProgramError(result);
    case 'stuck':
      return stuckFailure(invocation, runtime, spec, result.health);
    case 'timeout':
      return timeoutFailure(invocation, runtime, result, elapsedMs);
  }
}

async function stuckFailure(
  invocation: Pick<Operation, 'context' | 'redaction'>,
  runtime: Runtime,
  spec: StackSpec,
  health: StuckHealth,
): Promise<CliError> {
  if (health.state === 'tls-silent') return tlsFailure(runtime, spec, health);
  const isGateway = health.state === 'not-responding';
  const service = isGateway ? PROXY : DATABASE;
  const log = await lastLines(invocation, runtime, service);
  const message = isGateway
    ? 'The gateway is running but not responding'
    : 'The gateway cannot reach its database, which is running but not responding';
  return new CliError(isGateway ? 'not_responding' : 'database_lost', message, {
    hint: `Restart it: agents-llm restart ${service}`,
    details: { service, log: log.slice(-LAST_LINES) },
  });
}

async function timeoutFailure(
  invocation: Pick<Operation, 'context' | 'redaction'>,
  runtime: Runtime,
  { health, phase }: WaitResult & { end: 'timeout' },
  elapsedMs: number,
): Promise<CliError> {
  const log = await lastLines(invocation, runtime, PROXY);
  const waitingFor = `${phase.charAt(0).toLowerCase()}${phase.slice(1)}`;
  const message = `Timed out after ${formatDuration(elapsedMs)} while ${waitingFor}: ${describeHealth(health)}`;
  return new CliError('not_ready', message, {
    hint: 'The stack keeps running. Wait longer: agents-llm up --timeout 15m\nOr see the logs: agents-llm logs',
    details: { waitingFor, log: log.slice(-LAST_LINES) },
  });
}

function describeHealth(health: ProxyHealth): string {
  switch (health.state) {
    case 'silent':
      return `the gateway is not responding yet (${health.code})`;
    case 'not-responding':
      return 'the gateway is not responding';
    case 'starting':
      return `the gateway answers HTTP ${health.status}`;
    case 'database-lost':
      return 'the gateway cannot reach its database';
    case 'tls-silent':
      return `the gateway is ready, but the reverse proxy cannot reach it (${health.code})`;
    default:
      return health.state;
  }
}

function conditionOf(service: ServiceState): string {
  if (service.error !== '') return service.error;
  if (service.health === 'unhealthy') return 'its health check fails';
  const code = lastExitCode(service);
  const ended = code === null ? 'it ended' : `it ended with exit code ${code}`;
  return service.restarts > 0 ? `${ended} ${restartsInWords(service.restarts)}` : ended;
}

/** A container that runs again no longer has its last exit code. */
function lastExitCode({ status, exitCode }: ServiceState): number | null {
  return status === 'running' ? null : exitCode;
}

/** Reading the log must not hide the failure that it explains. */
async function lastLines(
  invocation: Pick<Operation, 'context' | 'redaction'>,
  runtime: Runtime,
  service: ServiceName,
): Promise<string[]> {
  const lines: string[] = [];
  try {
    // More than is shown: the cause may stand above a traceback of LiteLLM, which has 400 lines.
    const query = { services: [service], follow: false, tail: 1000 };
    for await (const line of runtime.logs(query, invocation.context.signal)) {
      lines.push(invocation.redaction.apply(line.text));
    }
  } catch (error) {
    invocation.context.signal.throwIfAborted();
    if (!(error instanceof CliError)) throw error;
  }
  return lines;
}
