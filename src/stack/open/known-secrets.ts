import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import { changedSecrets, type FingerprintedSecret, type Fingerprints } from '../../project/fingerprints.ts';
import type { StackSecrets } from '../../project/secrets.ts';

const VARIABLE: Readonly<Record<FingerprintedSecret, string>> = {
  masterKey: 'LITELLM_MASTER_KEY',
  saltKey: 'LITELLM_SALT_KEY',
  databasePassword: 'POSTGRES_PASSWORD',
};

/** Refuses secrets that are not those of the data: with another salt, all would look well and no provider key could be read. */
export function requireKnownSecrets(
  { settings }: Pick<Invocation, 'settings'>,
  secrets: StackSecrets | undefined,
  known: Fingerprints | undefined,
): void {
  if (!secrets || !known) return;
  const changed = changedSecrets(secrets, known);
  const [first] = changed;
  if (!first) return;
  const names = changed.map((name) => VARIABLE[name]);
  const file = settings.paths.secrets;
  const are = names.length > 1 ? 'are not those' : 'is not the one';
  throw new CliError('secrets_changed', `${names.join(' and ')} in ${file} ${are} that the data was made with`, {
    hint: `put the old value back in that file: ${WHY[first]}\n${otherWay(settings.project, changed)}`,
    details: { file, changed: names },
  });
}

const WHY: Readonly<Record<FingerprintedSecret, string>> = {
  masterKey: 'clients that have the old one would be refused',
  saltKey: 'with another salt no provider key can be read',
  databasePassword: 'the database still has the old one',
};

function otherWay(project: string, changed: readonly FingerprintedSecret[]): string {
  const command = (rest: string) => commandLine(project, rest);
  if (changed.includes('saltKey')) {
    return `or begin anew without the data: ${command('down --volumes --force')}, then ${command('up')}`;
  }
  const rotate = changed.map((name) => (name === 'masterKey' ? 'rotate-master-key' : 'rotate-db-password'));
  return `or change it on purpose: ${rotate.map((name) => command(`${name} --as-written`)).join(' && ')}`;
}
