import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { askTarget } from '../../../../src/litellm/input/ask-target.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function ask(typed: string, usual?: string): Promise<string> {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  const invocation = fakeInvocation({ home: await temporaryFolder(), env: {} });
  const stdin = new PassThrough();
  stdin.end(typed);
  const context = { ...invocation.context, streams: { ...invocation.context.streams, stdin } };
  return askTarget(clientOf(fake), 'openai', { ...invocation, context }, usual);
}

test('the name that is typed is taken, and Enter alone takes the usual one', async () => {
  expect(await ask('openai/mine\n')).toBe('openai/mine');
  expect(await ask('\n', 'openai/gpt-4o')).toBe('openai/gpt-4o');
});

test('where nothing is chosen and nothing is usual, the flag is named', async () => {
  expect(await caught(() => ask('\n'))).toMatchObject({
    code: 'usage',
    exitCode: EXIT.usage,
    message: 'No model was chosen',
    hint: 'Name one with --target openai/MODEL',
  });
});
