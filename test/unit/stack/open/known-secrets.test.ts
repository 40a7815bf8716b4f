import { expect, test } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { fingerprintsOf } from '../../../../src/project/fingerprints.ts';
import { requireKnownSecrets } from '../../../../src/stack/open/known-secrets.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';

const secrets = {
  masterKey: new Secret('sk-0123456789abcdef'),
  saltKey: new Secret('the-salt-key'),
  databasePassword: new Secret('the-password'),
  uiUsername: 'admin',
  uiPassword: new Secret('admin'),
};
const known = fingerprintsOf(secrets, 'salt');
const other = new Secret('sk-another-secret-0');
const invocation = fakeInvocation({ home: '/h', env: { AGENTS_LLM_HOME: '/h' } });
const file = '/h/agents-llm/.env';

test('accepts known secrets, and any secrets when no fingerprints exist', () => {
  requireKnownSecrets(invocation, secrets, known);
  requireKnownSecrets(invocation, { ...secrets, saltKey: other }, undefined);
  requireKnownSecrets(invocation, undefined, known);
});

test('accepts a changed UI login', () => {
  requireKnownSecrets(invocation, { ...secrets, uiUsername: 'me', uiPassword: other }, known);
});

test.each([
  [
    { saltKey: other },
    `LITELLM_SALT_KEY in ${file} does not match the data of this stack`,
    `Restore the old value in that file, because provider keys cannot be decrypted with another salt key
Or start over without the data: agents-llm down --volumes --force && agents-llm up`,
  ],
  [
    { masterKey: other },
    `LITELLM_MASTER_KEY in ${file} does not match the data of this stack`,
    `Restore the old value in that file, because clients that use it would be refused
Or change it on purpose: agents-llm rotate-master-key --as-written`,
  ],
  [
    { databasePassword: other },
    `POSTGRES_PASSWORD in ${file} does not match the data of this stack`,
    `Restore the old value in that file, because the database still uses it
Or change it on purpose: agents-llm rotate-db-password --as-written`,
  ],
  [
    { masterKey: other, saltKey: other },
    `LITELLM_MASTER_KEY and LITELLM_SALT_KEY in ${file} do not match the data of this stack`,
    `Restore the old value in that file, because clients that use it would be refused
Or start over without the data: agents-llm down --volumes --force && agents-llm up`,
  ],
])('rejects %o and names both solutions', async (changes, message, hint) => {
  const error = await caught(async () => requireKnownSecrets(invocation, { ...secrets, ...changes }, known));
  expect(error).toMatchObject({ code: 'secrets_changed', exitCode: EXIT.data, message, hint });
  expect(JSON.stringify(error)).not.toContain(other.reveal());
});
