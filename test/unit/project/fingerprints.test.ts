import { expect, test } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { alsoAccept, changedSecrets, fingerprintsOf } from '../../../src/project/fingerprints.ts';

const secrets = {
  masterKey: new Secret('sk-0123456789abcdef'),
  saltKey: new Secret('the-salt-key'),
  databasePassword: new Secret('the-password'),
};

test('the same secrets are no change', () => {
  expect(changedSecrets(secrets, fingerprintsOf(secrets, 'salt'))).toEqual([]);
});

test.each(['masterKey', 'saltKey', 'databasePassword'] as const)('names %s when it is another', (name) => {
  const known = fingerprintsOf(secrets, 'salt');
  expect(changedSecrets({ ...secrets, [name]: new Secret('another-secret') }, known)).toEqual([name]);
});

test('shows nothing of a secret, and is another with another salt', () => {
  const [one, two] = [fingerprintsOf(secrets, 'one'), fingerprintsOf(secrets, 'two')];
  expect(JSON.stringify(one)).not.toMatch(/0123456789abcdef|the-salt|the-password/);
  expect(one.saltKey).not.toEqual(two.saltKey);
});

test('while a secret is being replaced, both values count', () => {
  const next = new Secret('sk-fedcba9876543210');
  const known = alsoAccept(fingerprintsOf(secrets, 'salt'), 'masterKey', next);
  expect(changedSecrets(secrets, known)).toEqual([]);
  expect(changedSecrets({ ...secrets, masterKey: next }, known)).toEqual([]);
  expect(changedSecrets({ ...secrets, saltKey: next }, known)).toEqual(['saltKey']);
});
