import { CliError } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { proxyUrl, type StackSpec } from '../service.ts';
import type { Invocation } from './invocation.ts';
import { peerOf } from './peer-of.ts';

const LOOK_MS = 2000;

/** Throws when another program has the gateway's port: nobody is to be led to its login page. */
export async function refuseStranger(
  invocation: Invocation,
  runtime: Pick<Runtime, 'kind'>,
  spec: StackSpec,
): Promise<void> {
  const { http, signal } = invocation.context;
  const peer = peerOf(invocation, runtime, spec);
  const look = http.send({
    method: 'GET',
    url: `${proxyUrl(spec)}/health/liveliness`,
    peer,
    timeoutMs: LOOK_MS,
    signal,
  });
  await look.catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof CliError && error.code === 'port_taken') throw error;
  });
}
