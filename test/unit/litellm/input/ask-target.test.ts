import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { askTarget } from '../../../../src/litellm/input/ask-target.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function ask(typed: string, provider = 'openai'): Promise<string> {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  const invocation = fakeInvocation({ home: await temporaryFolder(), env: {} });
  const stdin = new PassThrough();
  stdin.end(typed);
  const context = { ...invocation.context, streams: { ...invocation.context.streams, stdin } };
  return askTarget(clientOf(fake), provider, { ...invocation, context });
}

test('uses the typed name, or the default on Enter', async () => {
  expect(await ask('openai/mine\n')).toBe('openai/mine');
  expect(await ask('\n')).toBe('openai/gpt-4o');
  expect(await ask('\n', 'anthropic')).toBe('anthropic/claude-sonnet-5-5');
});

test('names the flag when there is no answer and no default', async () => {
  expect(await caught(() => ask('\n', 'azure'))).toMatchObject({
    code: 'usage',
    exitCode: EXIT.usage,
    message: 'No model was chosen',
    hint: 'Name one with --target azure/MODEL',
  });
});
