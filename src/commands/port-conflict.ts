import { CliError } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { portsOf, type ServiceState, type StackSpec, type WantedPort } from '../service.ts';
import { commandLine } from '../settings.ts';
import type { Invocation } from './invocation.ts';

/** How far above the wanted port a free one is looked for. */
const SUGGESTIONS = 20;

/** Throws when a port is held by another; with the holder's name, where it can be seen, and both ways out. */
export async function requireFreePorts(
  invocation: Invocation,
  runtime: Runtime,
  spec: StackSpec,
  services: readonly ServiceState[],
): Promise<void> {
  // The ports of an engine elsewhere cannot be tried from here.
  if (runtime.kind === 'docker' && !(await runtime.endpoint()).startsWith('unix:')) return;
  for (const wanted of portsOf(spec)) {
    if (!holdsPort(services, wanted)) await requireFree(invocation, runtime, spec, wanted);
  }
}

/** Between two restarts the engine may still hold the port for the container. */
function holdsPort(services: readonly ServiceState[], { port }: WantedPort): boolean {
  return services.some(({ status, published, ports }) => {
    const mayHold = status === 'running' || status === 'restarting' || status === 'paused';
    return mayHold && (published?.port === port || ports?.includes(port));
  });
}

async function requireFree(invocation: Invocation, runtime: Runtime, spec: StackSpec, wanted: WantedPort) {
  const { bind, port } = wanted;
  const state = await invocation.context.ports.probe(bind, port);
  if (state === 'not-local') {
    throw new CliError('bind_not_local', `${bind} is no address of this machine`, {
      hint: `use one that is, or all of them: ${commandLine(spec.project, 'up --bind 0.0.0.0')}`,
    });
  }
  if (state === 'taken') throw await portTaken(invocation, runtime, spec, port);
}

export async function portTaken(
  invocation: Invocation,
  runtime: Runtime,
  spec: StackSpec,
  port: number,
): Promise<CliError> {
  const { ports, processes } = invocation.context;
  const wanted = portsOf(spec).find((one) => one.port === port) ?? { bind: spec.bind, flag: '--port' };
  const container = await runtime.portHolder(port);
  const listener = container === undefined ? await processes.listener(port) : undefined;
  const holder = container ?? (listener && `process ${listener.pid} (${listener.command})`) ?? null;
  let free = port + 1;
  while (free < port + SUGGESTIONS && (await ports.probe(wanted.bind, free)) !== 'free') free += 1;
  const stop = container ? 'stop that container' : listener ? `stop it (kill ${listener.pid})` : 'stop what holds it';
  return new CliError('port_taken', `port ${port} on ${wanted.bind} is taken by ${holder ?? 'another program'}`, {
    hint: `${stop}, or use another port: ${commandLine(spec.project, `up ${wanted.flag} ${free}`)}`,
    details: { bind: wanted.bind, port, holder },
  });
}
