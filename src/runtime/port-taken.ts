import type { Ports } from '../io/network/ports.ts';
import { CliError } from '../model/errors.ts';
import type { WantedPort } from '../model/stack-spec.ts';
import type { PortHolder } from './port-holder.ts';

/** How many ports above the wanted one are tried. */
const SUGGESTIONS = 20;

export interface TakenPort extends WantedPort {
  readonly holder: PortHolder | undefined;
}

/** Names the holder, if it is known, and both solutions. `consequence` is appended to the message. */
export async function portTaken(
  { bind, port, flag, holder }: TakenPort,
  ports: Pick<Ports, 'probe'>,
  consequence = '',
): Promise<CliError> {
  const free = await nextFreePort(bind, port, ports);
  const name = holder?.name ?? 'another program';
  return new CliError('port_taken', `Port ${port} on ${bind} is already in use by ${name}${consequence}`, {
    hint: `${holder?.stop ?? 'Stop that program'}
Or use another port: agents-llm up ${flag} ${free}`,
    details: { bind, port, holder: holder?.name ?? null },
  });
}

/** The next free port above one that is in use; the last one tried if none is free. */
export async function nextFreePort(bind: string, port: number, ports: Pick<Ports, 'probe'>): Promise<number> {
  let free = port + 1;
  while (free < port + SUGGESTIONS && (await ports.probe(bind, free)) !== 'free') free += 1;
  return free;
}
