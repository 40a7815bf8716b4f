import type { Operation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { ServiceState } from '../../model/service.ts';
import { portsOf, type StackSpec, type WantedPort } from '../../model/stack-spec.ts';
import { portTaken as portTakenError } from '../../runtime/port-taken.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** Throws when another program has a port; names the program where it can be seen, and both fixes. */
export async function requireFreePorts(
  invocation: Pick<Operation, 'context'>,
  runtime: Runtime,
  spec: StackSpec,
  services: readonly ServiceState[],
): Promise<void> {
  // The ports of an engine on another machine cannot be tried from here.
  if (runtime.kind === 'docker' && !/^(unix|npipe):/.test(await runtime.endpoint())) return;
  for (const wanted of portsOf(spec)) {
    if (!holdsPort(services, wanted, runtime)) await requireFree(invocation, runtime, spec, wanted);
  }
}

/** Between two restarts the engine may still hold the port for the container; a process that has ended holds nothing. */
function holdsPort(services: readonly ServiceState[], { port }: WantedPort, { kind }: Runtime): boolean {
  return services.some(({ status, published, ports }) => {
    const mayHold = status === 'running' || status === 'paused' || (status === 'restarting' && kind === 'docker');
    return mayHold && (published?.port === port || ports?.includes(port));
  });
}

async function requireFree(
  invocation: Pick<Operation, 'context'>,
  runtime: Runtime,
  spec: StackSpec,
  wanted: WantedPort,
) {
  const { bind, port } = wanted;
  const state = await invocation.context.ports.probe(bind, port);
  if (state === 'not-local') {
    throw new CliError('bind_not_local', `${bind} is not an address of this machine`, {
      hint: 'Use one of its addresses, or all of them: agents-llm up --bind 0.0.0.0',
    });
  }
  if (state === 'taken') throw await portTaken(invocation, runtime, spec, port);
}

export async function portTaken(
  invocation: Pick<Operation, 'context'>,
  runtime: Runtime,
  spec: StackSpec,
  port: number,
): Promise<CliError> {
  const wanted = portsOf(spec).find((candidate) => candidate.port === port) ?? {
    bind: spec.bind,
    port,
    flag: '--port' as const,
  };
  const holder = await runtime.portHolder(port);
  return portTakenError({ ...wanted, holder }, invocation.context.ports);
}
