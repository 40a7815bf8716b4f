import type { Workplace } from '../../context/invocation.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { CliError } from '../../model/errors.ts';
import { proxyUrl, type StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';

const LOOK_MS = 2000;

/** Throws when another program has the gateway's port, so that nobody is led to its login page. */
export async function refuseOtherProgram(
  invocation: Workplace,
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
