import type { Files } from '../io/files/files.ts';
import { databaseUrlProblem, parseDatabaseUrl } from '../model/database-url.ts';
import { CliError } from '../model/errors.ts';
import type { ProjectPaths } from '../model/paths.ts';
import { isSafeValue, Secret } from '../model/secret.ts';
import { secretsInvalid, secretsMissing } from '../model/secrets-errors.ts';
import { parseDotenv, renderDotenv, setValue } from '../text/dotenv.ts';
import { guardWrite, readStateFile } from './project-folder.ts';

/** Created once and kept as long as the data, because the volume contains the password and only the salt key decrypts it. */
export interface StackSecrets {
  readonly masterKey: Secret;
  /** LiteLLM encrypts the stored provider keys with it. */
  readonly saltKey: Secret;
  readonly databasePassword: Secret;
  readonly uiUsername: string;
  readonly uiPassword: Secret;
  /** The URL of an external PostgreSQL database. */
  readonly databaseUrl?: Secret;
}

type Env = Readonly<Record<string, string | undefined>>;
type Paths = Pick<ProjectPaths, 'secrets'>;
export type SecretVariable = keyof typeof RULES;
/** The secrets that every stack has. */
type MadeVariable = Exclude<SecretVariable, 'LITELLM_DATABASE_URL'>;

const COMMENT = [
  'Secrets of the agents-llm stack, created at its first start. Keep them and share them with nobody.',
  'Without this LITELLM_SALT_KEY the provider keys in the database can never be read again.',
];

const safeValueProblem = (text: string) =>
  isSafeValue(text) ? undefined : 'can only contain A-Z a-z 0-9 _ . : / @ + = -';

/** Messages must not repeat the value. */
const RULES = {
  LITELLM_MASTER_KEY: masterKeyProblem,
  LITELLM_SALT_KEY: safeValueProblem,
  POSTGRES_PASSWORD: safeValueProblem,
  UI_USERNAME: safeValueProblem,
  UI_PASSWORD: safeValueProblem,
  LITELLM_DATABASE_URL: databaseUrlProblem,
} as const satisfies Readonly<Record<string, (text: string) => string | undefined>>;

function masterKeyProblem(text: string): string | undefined {
  if (text === 'sk-1234') return "must not be sk-1234, the example in LiteLLM's documentation";
  if (!text.startsWith('sk-')) return 'must begin with sk-';
  if (text.length < 16) return 'must have at least 16 characters';
  return safeValueProblem(text);
}

/** The problem of a value, to complete a sentence such as "LITELLM_MASTER_KEY must begin with sk-". */
export function secretProblem(key: SecretVariable, value: string | undefined): string | undefined {
  if (value === undefined) return 'is missing';
  return value.trim() === '' ? 'is blank' : RULES[key](value);
}

/** The secrets of the stack, or undefined if it has none yet. */
export async function readSecrets(files: Pick<Files, 'read'>, paths: Paths): Promise<StackSecrets | undefined> {
  const text = await readStateFile(files, paths.secrets, 'secrets_invalid');
  return text === undefined ? undefined : parseSecrets(text, paths.secrets);
}

/** Parses the text of the stack's `.env`; `path` is for error messages. */
export function parseSecrets(text: string, path: string): StackSecrets {
  const dotenv = parseDotenv(text);
  if (!dotenv.ok) throw secretsInvalid(path, `line ${dotenv.line} ${dotenv.problem}`, { line: dotenv.line });
  const take = (key: SecretVariable) => {
    const value = dotenv.values.get(key);
    const problem = secretProblem(key, value);
    if (value === undefined || problem !== undefined) throw secretsInvalid(path, `${key} ${problem}`, { key });
    return value;
  };
  const url = dotenv.values.has('LITELLM_DATABASE_URL')
    ? { databaseUrl: new Secret(take('LITELLM_DATABASE_URL')) }
    : {};
  return { ...secretsFrom(take), ...url };
}

/** The database URL in one of the user's variables. */
export function databaseUrlFrom(env: Env, variable: string): Secret {
  const value = env[variable];
  if (!value) {
    throw new CliError('usage', `Environment variable ${variable} is not set`, {
      hint: 'Set it to postgresql://USER:PASSWORD@HOST:5432/DATABASE',
      details: { variable },
    });
  }
  const problem = databaseUrlProblem(value);
  if (problem === undefined) return new Secret(value);
  throw new CliError('usage', `The URL in ${variable} ${problem}`, {
    hint: 'Correct it, then run the same command again',
    details: { variable },
  });
}

/** A password that people can type. */
export function generatePassword(randomBytes: (size: number) => Buffer): string {
  return randomBytes(12).toString('hex');
}

/** New secrets. Uses values from the environment if they are valid. */
export function makeSecrets(env: Env, randomBytes: (size: number) => Buffer): StackSecrets {
  const random = () => randomBytes(24).toString('hex');
  const generated: Readonly<Record<MadeVariable, () => string>> = {
    LITELLM_MASTER_KEY: () => `sk-${random()}`,
    LITELLM_SALT_KEY: random,
    POSTGRES_PASSWORD: random,
    UI_USERNAME: () => 'admin',
    UI_PASSWORD: () => generatePassword(randomBytes),
  };
  return secretsFrom((key) => {
    const given = env[key];
    return given ? requireUsable(key, given, `Environment variable ${key}`) : generated[key]();
  });
}

/** Only creates the file, because existing secrets are never replaced. */
export async function writeSecrets(files: Pick<Files, 'create'>, paths: Paths, secrets: StackSecrets): Promise<void> {
  const values = entriesOf(secrets);
  for (const [key, value] of values) requireUsable(key, value, key);
  const text = renderDotenv(COMMENT, values);
  if (await guardWrite(paths.secrets, () => files.create(paths.secrets, text, 0o600))) return;
  throw secretsInvalid(paths.secrets, 'another program created it in the meantime');
}

/** Changes only these lines of the file. */
export async function setSecrets(
  files: Pick<Files, 'read' | 'write'>,
  paths: Paths,
  values: Readonly<Partial<Record<SecretVariable, string>>>,
): Promise<void> {
  const before = await readStateFile(files, paths.secrets, 'secrets_invalid');
  if (before === undefined) throw secretsMissing(paths.secrets);
  parseSecrets(before, paths.secrets);
  const after = Object.entries(values).reduce(
    (text, [key, value]) => setValue(text, key, requireUsable(key as SecretVariable, value, key)),
    before,
  );
  if (after !== before) await guardWrite(paths.secrets, () => files.write(paths.secrets, after, 0o600));
}

/** Everything that must not appear in any output. */
export function allSecrets(secrets: StackSecrets): Secret[] {
  const { masterKey, saltKey, databasePassword, uiPassword, databaseUrl } = secrets;
  return [masterKey, saltKey, databasePassword, uiPassword, ...(databaseUrl ? partsOf(databaseUrl) : [])];
}

/** The whole URL, and its password both decoded and as written. */
function partsOf(url: Secret): Secret[] {
  const written = /^[^:]+:\/\/[^:@/]*:([^@/]*)@/.exec(url.reveal())?.[1] ?? '';
  const password = parseDatabaseUrl(url.reveal())?.password ?? '';
  return [url, new Secret(written), new Secret(password)];
}

function secretsFrom(value: (key: MadeVariable) => string): StackSecrets {
  return {
    masterKey: new Secret(value('LITELLM_MASTER_KEY')),
    saltKey: new Secret(value('LITELLM_SALT_KEY')),
    databasePassword: new Secret(value('POSTGRES_PASSWORD')),
    uiUsername: value('UI_USERNAME'),
    uiPassword: new Secret(value('UI_PASSWORD')),
  };
}

function entriesOf(secrets: StackSecrets): (readonly [SecretVariable, string])[] {
  return [
    ['LITELLM_MASTER_KEY', secrets.masterKey.reveal()],
    ['LITELLM_SALT_KEY', secrets.saltKey.reveal()],
    ['POSTGRES_PASSWORD', secrets.databasePassword.reveal()],
    ['UI_USERNAME', secrets.uiUsername],
    ['UI_PASSWORD', secrets.uiPassword.reveal()],
    ...(secrets.databaseUrl ? [['LITELLM_DATABASE_URL', secrets.databaseUrl.reveal()] as const] : []),
  ];
}

export function requireUsable(key: SecretVariable, value: string, name: string): string {
  const problem = secretProblem(key, value);
  if (problem === undefined) return value;
  throw new CliError('usage', `${name} ${problem}`, {
    hint: `Give ${key} another value, or leave it out: unset ${key}`,
    details: { key },
  });
}
