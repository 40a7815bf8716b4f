import { expect, it } from 'vitest';
import { CliError, EXIT } from '../../../../src/model/errors.ts';
import { serviceFailure } from '../../../../src/stack/startup/stack-failure.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';

const KILLED = 'it was killed because it needed more memory than';

it.each([
  ['litellm', `${KILLED} its limit of 2g`, 'Raise the limit: agents-llm up --memory 4g'],
  ['litellm', `${KILLED} its limit of 1536m`, 'Raise the limit: agents-llm up --memory 3g'],
  ['litellm', `${KILLED} there is`, 'See its log: agents-llm logs litellm'],
  ['litellm-db', `${KILLED} its limit of 1g`, 'See its log: agents-llm logs litellm-db'],
] as const)('explains the failure of %s: %s', async (service, error, hint) => {
  const runtime = fakeRuntime({
    async *logs() {
      yield { service, stream: 'stdout' as const, text: 'INFO: started', time: '' };
    },
  });
  const failed = serviceState({ service, status: 'exited', exitCode: 137, error });
  const invocation = fakeInvocation({ home: '/h', env: {} });
  expect(await serviceFailure(invocation, runtime, failed)).toMatchObject({
    code: 'service_failed',
    exitCode: EXIT.notReady,
    message: `${service} failed: ${error}`,
    hint,
  });
});

it('asks the engine why it started a service again, which the service itself no longer tells', async () => {
  const failed = serviceState({ service: 'litellm', status: 'running', restarts: 1, error: '' });
  const invocation = fakeInvocation({ home: '/h', env: {} });
  const failure = (causeOfRestart: () => Promise<string>) =>
    serviceFailure(invocation, fakeRuntime({ async *logs() {}, causeOfRestart }), failed);
  expect(await failure(async () => `${KILLED} its limit of 2g`)).toMatchObject({
    message: `litellm failed: ${KILLED} its limit of 2g`,
    hint: 'Raise the limit: agents-llm up --memory 4g',
    exitCode: EXIT.notReady,
  });
  const message = expect.stringMatching(/^litellm failed: it ended .*restarted once/);
  for (const cause of [
    async () => '',
    () => Promise.reject(new CliError('engine_unreachable', 'The engine is gone')),
  ]) {
    expect(await failure(cause)).toMatchObject({ message, hint: 'See its log: agents-llm logs litellm' });
  }
});
