import { expect, test } from 'vitest';
import { runRestart } from '../../../src/commands/restart.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { PROXY, REVERSE_PROXY, type ServiceName } from '../../../src/model/service.ts';
import { caught } from '../../support/caught.ts';
import { type FakeStack, fakeStack } from '../../support/fake-stack.ts';

const restart = ({ invocation, runtimeFor }: FakeStack, ...services: ServiceName[]) =>
  runRestart(services, { timeout: 60_000 }, invocation, runtimeFor);

test('replaces the container of a service and waits for the stack', async () => {
  const stack = await fakeStack();
  const { data } = await restart(stack, PROXY);
  expect(data).toMatchObject({ restarted: ['litellm'], url: stack.proxy.url });
  expect(stack.calls).toEqual(['start litellm-db+litellm, new litellm']);
});

test('refuses a service that this stack does not have', async () => {
  const stack = await fakeStack();
  expect(await caught(() => restart(stack, REVERSE_PROXY))).toMatchObject({
    code: 'usage',
    exitCode: EXIT.usage,
    message: 'This stack has no service litellm-tls',
    hint: 'Name one of its services: litellm-db, litellm',
  });
  expect(stack.calls).toEqual([]);
});

test('stops waiting as soon as the gateway refuses the master key', async () => {
  const stack = await fakeStack({ secrets: { LITELLM_MASTER_KEY: 'sk-another-0123456789' } });
  expect(await caught(() => restart(stack))).toMatchObject({
    code: 'key_refused',
    exitCode: EXIT.refused,
    message: 'The gateway is running but rejects the master key of this stack',
    hint: `Recreate its container with the key in ${stack.invocation.settings.paths.secrets}: agents-llm restart litellm`,
  });
});

test('refuses to restart without a stack', async () => {
  const stack = await fakeStack({ made: false });
  expect(await caught(() => restart(stack))).toMatchObject({
    code: 'not_running',
    exitCode: EXIT.notRunning,
    message: 'There is no stack to restart',
    hint: 'Start the stack: agents-llm up',
  });
});
