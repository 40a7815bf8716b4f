import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { Secret } from '../../model/secret.ts';
import { shellWord } from '../../text/shown-text.ts';
import { findSecret, isSecretName } from '../config/config-secrets.ts';

type Values = Readonly<Record<string, string>>;

/** Reads the secret settings of a provider from their variables. Refuses secrets on the command line. */
export function secretValues(
  { set, setFromEnv = {} }: { readonly set?: Values; readonly setFromEnv?: Values },
  provider: string,
  { context: { env }, redaction }: Pick<Invocation, 'context' | 'redaction'>,
): Values {
  requireNoSecrets(set, provider);
  const values = Object.entries(setFromEnv).map(([name, variable]) => {
    const value = env[variable];
    if (value) return [name, value] as const;
    throw new CliError('usage', `Environment variable ${variable} is ${value === '' ? 'empty' : 'not set'}`, {
      hint: `Set it, or name another variable with --set-from-env ${name}=VARIABLE`,
    });
  });
  redaction.add(values.map(([, value]) => new Secret(value)));
  return Object.fromEntries(values);
}

/** Refuses secrets, because other users can read a command line and shells save it in their history. */
export function requireNoSecrets(values: Values = {}, provider = 'NAME'): void {
  const found = Object.entries(values).find(([name, value]) => isSecretName(name) || findSecret(value) !== undefined);
  if (!found) return;
  const [name] = found;
  const field = isSecretName(name) ? name : 'api_key';
  const flag = field === 'api_key' ? '--from-env VARIABLE' : `--set-from-env ${shellWord(field)}=VARIABLE`;
  throw new CliError('usage', `--set ${name} is a secret, but other users can read a command line`, {
    hint: `Name a variable that holds it: agents-llm provider add ${shellWord(provider)} ${flag}`,
    details: { name },
  });
}
