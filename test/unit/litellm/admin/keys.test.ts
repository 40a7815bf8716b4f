import { expect, test } from 'vitest';
import type { AdminClient } from '../../../../src/litellm/admin/client.ts';
import { generateKey } from '../../../../src/litellm/admin/keys.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { caught } from '../../../support/caught.ts';

test('says where to check when a created key is missing from the answer', async () => {
  const call: AdminClient['call'] = async () => ({ ok: true, status: 200, message: '', body: { token: 'hash' } });
  expect(await caught(() => generateKey({ call } as AdminClient, 'agents-service', {}))).toMatchObject({
    code: 'not_litellm',
    exitCode: EXIT.rejected,
    message: 'LiteLLM created a key but did not return it',
    hint: 'Check which keys exist: agents-llm key list',
  });
});
