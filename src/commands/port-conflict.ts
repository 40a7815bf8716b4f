import { CliError } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { StackSpec } from '../service.ts';
import { commandLine } from '../settings.ts';
import type { Invocation } from './invocation.ts';

/** How far above the wanted port a free one is looked for. */
const SUGGESTIONS = 20;

/** Throws when the port is held by another; with the holder's name, where it can be seen, and both ways out. */
export async function requireFreePort(invocation: Invocation, runtime: Runtime, spec: StackSpec): Promise<void> {
  // The ports of an engine elsewhere cannot be tried from here.
  if (runtime.kind === 'docker' && !(await runtime.endpoint()).startsWith('unix:')) return;
  const state = await invocation.context.ports.probe(spec.bind, spec.port);
  if (state === 'not-local') {
    throw new CliError('bind_not_local', `${spec.bind} is no address of this machine`, {
      hint: `use one that is, or all of them: ${commandLine(spec.project, 'up --bind 0.0.0.0')}`,
    });
  }
  if (state === 'taken') throw await portTaken(invocation, runtime, spec);
}

export async function portTaken(invocation: Invocation, runtime: Runtime, spec: StackSpec): Promise<CliError> {
  const { ports, processes } = invocation.context;
  const container = await runtime.portHolder(spec.port);
  const listener = container === undefined ? await processes.listener(spec.port) : undefined;
  const holder = container ?? (listener && `process ${listener.pid} (${listener.command})`) ?? null;
  let free = spec.port + 1;
  while (free < spec.port + SUGGESTIONS && (await ports.probe(spec.bind, free)) !== 'free') free += 1;
  const stop = container ? 'stop that container' : listener ? `stop it (kill ${listener.pid})` : 'stop what holds it';
  return new CliError('port_taken', `port ${spec.port} on ${spec.bind} is taken by ${holder ?? 'another program'}`, {
    hint: `${stop}, or use another port: ${commandLine(spec.project, `up --port ${free}`)}`,
    details: { bind: spec.bind, port: spec.port, holder },
  });
}
