import type { Files } from '../../io/files/files.ts';
import type { ProjectPaths } from '../../model/paths.ts';
import { guardWrite, readStateFile } from '../../project/project-folder.ts';
import { generatePassword, requireUsable, type StackSecrets } from '../../project/secrets.ts';
import { parseDotenv, setValue } from '../../text/dotenv.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** From the manuals and examples of LiteLLM and PostgreSQL. */
const KNOWN =
  /^(sk-)?(1234|admin|master|password|postgres|llmproxy|dbpassword|litellm|secret|salt|test|change-?me)[\W\d_]*$/i;

export function isWellKnown(value: string): boolean {
  return KNOWN.test(value);
}

/** Why somebody could guess the UI password: it is in a manual, or it is short. */
export type LoginWeakness = 'well-known' | 'short';

export function loginWeakness({
  uiUsername,
  uiPassword,
}: Pick<StackSecrets, 'uiUsername' | 'uiPassword'>): LoginWeakness | undefined {
  const password = uiPassword.reveal();
  if (isWellKnown(password) || password === uiUsername) return 'well-known';
  return password.length < 8 ? 'short' : undefined;
}

/** Adds the login to a `.env` that was written by hand without it, because Compose refuses to start the gateway then. */
export async function completeLogin(
  files: Pick<Files, 'read' | 'write'>,
  { secrets: path }: Pick<ProjectPaths, 'secrets'>,
  env: Env,
  randomBytes: (size: number) => Buffer,
): Promise<void> {
  const before = await readStateFile(files, path, 'secrets_invalid');
  const dotenv = before === undefined ? undefined : parseDotenv(before);
  if (before === undefined || !dotenv?.ok || !dotenv.values.has('LITELLM_MASTER_KEY')) return;
  const missing = { UI_USERNAME: () => 'admin', UI_PASSWORD: () => generatePassword(randomBytes) };
  const text = Object.entries(missing).reduce((text, [key, generate]) => {
    if (dotenv.values.get(key)?.trim()) return text;
    const variable = key as keyof typeof missing;
    return setValue(text, key, requireUsable(variable, env[key] || generate(), `Environment variable ${key}`));
  }, before);
  if (text !== before) await guardWrite(path, () => files.write(path, text, 0o600));
}
