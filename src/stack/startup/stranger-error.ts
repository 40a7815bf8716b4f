import { CliError } from '../../model/errors.ts';
import { PROXY } from '../../model/service.ts';
import type { ProxyHealth } from '../health/proxy-health.ts';

/** Another program has the port; or the proxy does, and what it is does not answer as LiteLLM. */
export function strangerError({
  answer,
  error,
}: Pick<ProxyHealth & { state: 'stranger' }, 'answer' | 'error'>): CliError {
  if (error) return error;
  return new CliError('service_failed', `${PROXY} does not answer as LiteLLM does (${answer})`, {
    hint: 'Check that its image is one of LiteLLM: agents-llm status',
    details: { service: PROXY, answer },
  });
}
