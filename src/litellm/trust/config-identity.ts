import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { followLink } from '../../io/files/byte-file.ts';
import { readRegular } from '../../io/files/regular-file.ts';
import type { AllowedFile } from '../../project/allowed-files.ts';
import type { Admin } from '../admin/admin.ts';
import type { Config } from '../config/config.ts';
import { meaningOf } from '../config/config-meaning.ts';
import type { ConfigPlace } from '../config/find-config.ts';

/** Stands for the project's own stack, instead of the address of another LiteLLM. */
export const OWN_GATEWAY = 'own';

export const gatewayOf = ({ client: { target } }: Pick<Admin, 'client'>): string =>
  target.startCommand === null ? target.url : OWN_GATEWAY;

/** Identifies what permission was given for: the real path of a file, its real folder and its meaning. */
export async function identityOf(config: Config, place: ConfigPlace, gateway: string): Promise<AllowedFile> {
  const [file, folder] = await Promise.all([followLink(place.path), followLink(place.folder)]);
  const parts = [1, gateway, file, folder, meaningOf(config), await passwordHash(config, place.folder)];
  return { file, gateway, hash: createHash('sha256').update(JSON.stringify(parts)).digest('hex') };
}

/** Included because a repository can also change the login through the password file; null if the password is not from a file. */
async function passwordHash({ uiPassword }: Config, folder: string): Promise<string | null> {
  if (!uiPassword?.startsWith('file:')) return null;
  const path = resolve(folder, uiPassword.slice('file:'.length));
  try {
    return createHash('sha256')
      .update(await readRegular(path, { most: 4096 }))
      .digest('hex');
  } catch {
    return 'unusable';
  }
}
