import { createHmac } from 'node:crypto';
import type { Secret } from '../model/secret.ts';
import type { StackSecrets } from './secrets.ts';

export const FINGERPRINTED = ['masterKey', 'saltKey', 'databasePassword'] as const;
export type FingerprintedSecret = (typeof FINGERPRINTED)[number];

/** Salted hashes of the secrets that belong to the data: they tell that a secret is another one, and never what it is. */
export type Fingerprints = { readonly salt: string } & {
  /** While a secret is being replaced, the old one and the new one both count. */
  readonly [Name in FingerprintedSecret]: readonly string[];
};

function fingerprint(secret: Secret, salt: string): string {
  return createHmac('sha256', salt).update(secret.reveal()).digest('hex').slice(0, 32);
}

/** `salt` is random text of 32 characters or so, kept beside the hashes. */
export function fingerprintsOf(secrets: Pick<StackSecrets, FingerprintedSecret>, salt: string): Fingerprints {
  const hashes = (name: FingerprintedSecret) => [fingerprint(secrets[name], salt)];
  return {
    salt,
    masterKey: hashes('masterKey'),
    saltKey: hashes('saltKey'),
    databasePassword: hashes('databasePassword'),
  };
}

/** The secrets that are not those of the fingerprints. */
export function changedSecrets(
  secrets: Pick<StackSecrets, FingerprintedSecret>,
  known: Fingerprints,
): FingerprintedSecret[] {
  return FINGERPRINTED.filter((name) => !known[name].includes(fingerprint(secrets[name], known.salt)));
}

/** `known`, with one more value that counts for `name`. */
export function alsoAccept(known: Fingerprints, name: FingerprintedSecret, secret: Secret): Fingerprints {
  return { ...known, [name]: [...new Set([...known[name], fingerprint(secret, known.salt)])] };
}
