import { expect, test } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { alsoAccept, changedSecrets, fingerprintsOf } from '../../../src/project/fingerprints.ts';

const secrets = {
  masterKey: new Secret('sk-0123456789abcdef'),
  saltKey: new Secret('the-salt-key'),
  databasePassword: new Secret('the-password'),
};

test('reports no change for the same secrets', () => {
  expect(changedSecrets(secrets, fingerprintsOf(secrets, 'salt'))).toEqual([]);
});

test.each(['masterKey', 'saltKey', 'databasePassword'] as const)('names %s when it has changed', (name) => {
  const known = fingerprintsOf(secrets, 'salt');
  expect(changedSecrets({ ...secrets, [name]: new Secret('another-secret') }, known)).toEqual([name]);
});

test('reveals nothing of a secret and differs with another salt', () => {
  const [one, two] = [fingerprintsOf(secrets, 'one'), fingerprintsOf(secrets, 'two')];
  expect(JSON.stringify(one)).not.toMatch(/0123456789abcdef|the-salt|the-password/);
  expect(one.saltKey).not.toEqual(two.saltKey);
});

test('accepts both values while a secret is being replaced', () => {
  const next = new Secret('sk-fedcba9876543210');
  const known = alsoAccept(fingerprintsOf(secrets, 'salt'), 'masterKey', next);
  expect(changedSecrets(secrets, known)).toEqual([]);
  expect(changedSecrets({ ...secrets, masterKey: next }, known)).toEqual([]);
  expect(changedSecrets({ ...secrets, saltKey: next }, known)).toEqual(['saltKey']);
});
