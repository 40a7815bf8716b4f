import { CliError } from '../../model/errors.ts';
import { PROXY } from '../../model/service.ts';
import type { ProxyHealth } from '../health/proxy-health.ts';

/** Another program has the port, or the stack's own service does not answer like LiteLLM. */
export function otherProgramError({
  answer,
  error,
}: Pick<ProxyHealth & { state: 'other-program' }, 'answer' | 'error'>): CliError {
  if (error) return error;
  return new CliError('service_failed', `${PROXY} does not answer like LiteLLM (${answer})`, {
    hint: 'Check that its image is a LiteLLM image: agents-llm status',
    details: { service: PROXY, answer },
  });
}
