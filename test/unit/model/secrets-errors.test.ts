import { expect, it } from 'vitest';
import { EXIT } from '../../../src/model/errors.ts';
import { secretsMissing } from '../../../src/model/secrets-errors.ts';

it.each([
  [undefined, '/h/.env is missing'],
  ['shop_litellm_pgdata', '/h/.env is missing, but shop_litellm_pgdata contains data that was created with it'],
])('names the missing file and the data that needs it: %s', (volume, message) => {
  expect(secretsMissing('/h/.env', volume)).toMatchObject({
    code: 'secrets_missing',
    exitCode: EXIT.data,
    message,
    hint: `Restore that file from a backup, because new secrets cannot read the data
Or delete the data and start over: agents-llm down --volumes`,
    details: { file: '/h/.env' },
  });
});
