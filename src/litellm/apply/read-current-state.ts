import type { Operation } from '../../context/invocation.ts';
import { readBytes } from '../../io/files/byte-file.ts';
import type { Secret } from '../../model/secret.ts';
import { setVariables } from '../../text/dotenv-edit.ts';
import type { Admin } from '../admin/admin.ts';
import { requireEnvFile } from '../keys/env-file.ts';
import type { Seen, Wanted, WantedEnv } from './plan.ts';
import { readProxy } from './read-proxy.ts';
import { requireInside } from './require-inside.ts';

/** Reads LiteLLM and the dotenv files of the keys, and checks that each file can be written before a key is created. */
export async function readCurrentState(
  wanted: Wanted,
  admin: Admin,
  force: boolean,
  { context }: Pick<Operation, 'context'>,
): Promise<Seen> {
  const seen = await readProxy(admin, wanted);
  const envFiles = new Map<string, 'same' | 'differs' | 'none'>();
  for (const { wish, env } of wanted.keys) {
    if (!env) continue;
    await requireInside(env.folder, env.path, env.shown);
    await requireEnvFile(env.path, force, context);
    const key = await admin.kept.read(wish.alias);
    envFiles.set(wish.alias, await envState(env, key, admin));
  }
  return { ...seen, envFiles };
}

async function envState(env: WantedEnv, key: Secret | undefined, admin: Admin): Promise<'same' | 'differs' | 'none'> {
  const found = await readBytes(env.path);
  if (!found) return 'none';
  return key && setVariables(found.bytes, variablesOf(env, key, admin)) === found.bytes ? 'same' : 'differs';
}

/** The variables to set in the dotenv file of a key. */
export const variablesOf = ({ keyVariable, urlVariable }: WantedEnv, key: Secret, { client }: Admin) => ({
  [keyVariable]: key.reveal(),
  [urlVariable]: `${client.target.url}/v1`,
});
