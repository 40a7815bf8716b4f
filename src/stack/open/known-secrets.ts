import type { Operation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { changedSecrets, type FingerprintedSecret, type Fingerprints } from '../../project/fingerprints.ts';
import type { StackSecrets } from '../../project/secrets.ts';

const VARIABLE: Readonly<Record<FingerprintedSecret, string>> = {
  masterKey: 'LITELLM_MASTER_KEY',
  saltKey: 'LITELLM_SALT_KEY',
  databasePassword: 'POSTGRES_PASSWORD',
};

const WHY: Readonly<Record<FingerprintedSecret, string>> = {
  masterKey: 'clients that use it would be refused',
  saltKey: 'provider keys cannot be decrypted with another salt key',
  databasePassword: 'the database still uses it',
};

/** Refuses secrets that do not match the data, because with another salt key the stack seems fine but cannot read provider keys. */
export function requireKnownSecrets(
  { settings }: Pick<Operation, 'settings'>,
  secrets: StackSecrets | undefined,
  known: Fingerprints | undefined,
): void {
  if (!secrets || !known) return;
  const changed = changedSecrets(secrets, known);
  const [first] = changed;
  if (!first) return;
  const names = changed.map((name) => VARIABLE[name]);
  const file = settings.paths.secrets;
  const verb = names.length > 1 ? 'do' : 'does';
  throw new CliError('secrets_changed', `${names.join(' and ')} in ${file} ${verb} not match the data of this stack`, {
    hint: `Restore the old value in that file, because ${WHY[first]}\n${alternative(changed)}`,
    details: { file, changed: names },
  });
}

function alternative(changed: readonly FingerprintedSecret[]): string {
  if (changed.includes('saltKey')) {
    return 'Or start over without the data: agents-llm down --volumes --force && agents-llm up';
  }
  const rotate = changed.map((name) => (name === 'masterKey' ? 'rotate-master-key' : 'rotate-db-password'));
  return `Or change it on purpose: ${rotate.map((name) => `agents-llm ${name} --as-written`).join(' && ')}`;
}
