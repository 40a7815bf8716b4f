import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { DATABASE, PROXY, restartsInWords, type ServiceName, type ServiceState } from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { diagnose } from '../health/diagnosis.ts';
import type { ProxyHealth } from '../health/proxy-health.ts';
import type { WaitResult } from '../health/readiness.ts';
import { strangerError } from './stranger-error.ts';

const LAST_LINES = 20;

/** A service that ended, restarts or is unhealthy: with its cause, where that is known, and its last lines. */
export async function serviceFailure(
  invocation: Invocation,
  runtime: Runtime,
  service: ServiceState,
): Promise<CliError> {
  const log = await lastLines(invocation, runtime, service.service);
  const known = diagnose(service.service, log.join('\n'), runtime.kind);
  return new CliError('service_failed', `${service.service} failed: ${known?.cause ?? conditionOf(service)}`, {
    hint: known?.fix ?? `see all it wrote: ${commandLine(invocation.settings.project, `logs ${service.service}`)}`,
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

/** Starts the database alone; when it does not come up, its state and its log say why. */
export async function namingCause<Result>(
  invocation: Invocation,
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

/** What a wait that did not end well becomes. */
export async function waitFailure(
  invocation: Invocation,
  runtime: Runtime,
  spec: StackSpec,
  result: Exclude<WaitResult, { end: 'ready' }>,
): Promise<CliError> {
  const command = (rest: string) => commandLine(spec.project, rest);
  switch (result.end) {
    case 'failed':
      return serviceFailure(invocation, runtime, result.service);
    case 'key-refused':
      return new CliError('key_refused', 'the proxy runs and refuses the master key of this stack', {
        hint: `make its container anew with the key in ${invocation.settings.paths.secrets}: ${command('restart litellm')}`,
      });
    case 'stranger':
      return strangerError(result);
    case 'stuck': {
      const isGateway = result.health.state === 'not-responding';
      const service = isGateway ? PROXY : DATABASE;
      const log = await lastLines(invocation, runtime, service);
      const message = isGateway
        ? 'The gateway is running but not responding'
        : 'The gateway cannot reach its database, which is running but not responding';
      return new CliError(isGateway ? 'not_responding' : 'database_lost', message, {
        hint: `restart it: ${command(`restart ${service}`)}`,
        details: { service, log: log.slice(-LAST_LINES) },
      });
    }
    case 'timeout': {
      const log = await lastLines(invocation, runtime, PROXY);
      return new CliError('not_ready', `not ready in time: ${describeHealth(result.health)} (${result.waitingFor})`, {
        hint: `the stack is left running; wait longer: ${command('up --timeout 15m')}, or look: ${command('logs')}`,
        details: { waitingFor: result.waitingFor, log: log.slice(-LAST_LINES) },
      });
    }
  }
}

function describeHealth(health: ProxyHealth): string {
  switch (health.state) {
    case 'silent':
      return `the proxy does not answer yet (${health.code})`;
    case 'not-responding':
      return 'the gateway is not responding';
    case 'starting':
      return `the proxy answers HTTP ${health.status}`;
    case 'database-lost':
      return 'the proxy has lost its database';
    case 'tls-silent':
      return `the proxy is ready, and the reverse proxy does not pass on to it (${health.code})`;
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

/** A container that runs again has forgotten the code of its last end. */
function lastExitCode({ status, exitCode }: ServiceState): number | null {
  return status === 'running' ? null : exitCode;
}

/** Reading the log must not hide the failure that it explains. */
async function lastLines(invocation: Invocation, runtime: Runtime, service: ServiceName): Promise<string[]> {
  const lines: string[] = [];
  try {
    // More than is shown: the cause may stand above a long Python traceback.
    const query = { services: [service], follow: false, tail: 200 };
    for await (const line of runtime.logs(query, invocation.context.signal)) {
      lines.push(invocation.redaction.apply(line.text));
    }
  } catch (error) {
    invocation.context.signal.throwIfAborted();
    if (!(error instanceof CliError)) throw error;
  }
  return lines;
}
