import { createHmac } from 'node:crypto';
import type { Secret } from '../model/secret.ts';
import type { StackSecrets } from './secrets.ts';

export const FINGERPRINTED = ['masterKey', 'saltKey', 'databasePassword'] as const;
export type FingerprintedSecret = (typeof FINGERPRINTED)[number];

/** Salted hashes of the secrets that belong to the data, which show whether a secret has changed without revealing it. */
export type Fingerprints = { readonly salt: string } & {
  /** While a secret is being replaced, both the old and the new one are listed. */
  readonly [Name in FingerprintedSecret]: readonly string[];
};

function fingerprint(secret: Secret, salt: string): string {
  return createHmac('sha256', salt).update(secret.reveal()).digest('hex').slice(0, 32);
}

/** `salt` is random text of about 32 characters, stored with the hashes. */
export function fingerprintsOf(secrets: Pick<StackSecrets, FingerprintedSecret>, salt: string): Fingerprints {
  const hashes = (name: FingerprintedSecret) => [fingerprint(secrets[name], salt)];
  return {
    salt,
    masterKey: hashes('masterKey'),
    saltKey: hashes('saltKey'),
    databasePassword: hashes('databasePassword'),
  };
}

/** The secrets that do not match the fingerprints. */
export function changedSecrets(
  secrets: Pick<StackSecrets, FingerprintedSecret>,
  known: Fingerprints,
): FingerprintedSecret[] {
  return FINGERPRINTED.filter((name) => !known[name].includes(fingerprint(secrets[name], known.salt)));
}

/** `known`, with one more accepted value for `name`. */
export function alsoAccept(known: Fingerprints, name: FingerprintedSecret, secret: Secret): Fingerprints {
  return { ...known, [name]: [...new Set([...known[name], fingerprint(secret, known.salt)])] };
}
