import { describe, expect, onTestFinished, test } from 'vitest';
import { requireChatModel } from '../../../../src/litellm/requests/require-chat-model.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { caught } from '../../../support/caught.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';

async function check(model: string) {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  fake.state.models.push(
    { id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true, info: { mode: 'chat' } },
    {
      id: '2',
      name: 'embed',
      params: { model: 'openai/text-embedding-3-small' },
      live: true,
      info: { mode: 'embedding' },
    },
    { id: '3', name: 'claude-*', params: { model: 'openai/gpt-4o' }, live: true },
    { id: '4', name: 'unpriced', params: { model: 'openai/own' }, live: true },
  );
  return requireChatModel(clientOf(fake), model);
}

describe('the check for a chat model', () => {
  test.each(['gpt-5', 'unpriced', 'claude-sonnet-4-5'])('accepts %s', async (model) => {
    await expect(check(model)).resolves.toBeUndefined();
  });

  test.each([
    [
      'gpt5',
      'models_missing',
      8,
      'LiteLLM has no model "gpt5". Did you mean gpt-5?',
      /^Use one of .*\nCreate it: agents-llm alias add gpt5 /,
    ],
    ['embed', 'usage', 2, '"embed" is not a chat model, because its mode is embedding', /^Use another model: gpt-5/],
    ['claude-*', 'usage', 2, '"claude-*" is a pattern, but one model is needed', /^Name one model/],
  ])('refuses %s', async (model, code, exitCode, message, hint) => {
    const error = await caught(() => check(model));
    expect(error).toMatchObject({ code, exitCode, message, hint: expect.stringMatching(hint) });
  });
});

test('returns the limits of the smallest target, if LiteLLM knows them', async () => {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  const row = (id: string, name: string, info: object) =>
    fake.state.models.push({ id, name, params: { model: 'openai/x' }, live: true, info: { ...info } });
  row('1', 'gpt-5', { max_input_tokens: 128_000, max_output_tokens: 16_384 });
  row('2', 'gpt-5', { max_input_tokens: 200_000, max_output_tokens: 8192 });
  row('3', 'unknown', {});
  expect(await requireChatModel(clientOf(fake), 'gpt-5')).toEqual({ context: 128_000, output: 8192 });
  expect(await requireChatModel(clientOf(fake), 'unknown')).toBeUndefined();
});

test('asks for the rows of that alias alone, since each brings its prices along', async () => {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  fake.state.models.push(
    { id: '1', name: 'gpt-5 & co', params: { model: 'openai/x' }, live: true },
    { id: '2', name: 'gpt-5', params: { model: 'openai/x' }, live: true },
  );
  await requireChatModel(clientOf(fake), 'gpt-5 & co');
  expect(fake.seen.map(({ path, query }) => [path, query.get('model')])).toEqual([['/v2/model/info', 'gpt-5 & co']]);
});

test('says what to do when the gateway has no models', async () => {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  expect(await caught(() => requireChatModel(clientOf(fake), 'gpt-5'))).toMatchObject({
    code: 'models_missing',
    exitCode: 8,
    message: 'The gateway has no models yet',
    hint: 'Add a provider key and a model: agents-llm setup',
  });
});
