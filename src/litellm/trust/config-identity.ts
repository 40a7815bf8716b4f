import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { followLink } from '../../io/files/byte-file.ts';
import { readRegular } from '../../io/files/regular-file.ts';
import type { AllowedFile } from '../../project/allowed-files.ts';
import type { Admin } from '../admin/admin.ts';
import type { Config } from '../config/config.ts';
import { meaningOf } from '../config/config-meaning.ts';
import type { ConfigPlace } from '../config/find-config.ts';

/** The stack of the project, as against another LiteLLM. */
export const OWN_GATEWAY = 'own';

export const gatewayOf = ({ client: { target } }: Pick<Admin, 'client'>): string =>
  target.startCommand === null ? target.url : OWN_GATEWAY;

/** By which permission for a file is known: its real path, its real folder, and all that it means. */
export async function identityOf(config: Config, place: ConfigPlace, gateway: string): Promise<AllowedFile> {
  const [file, folder] = await Promise.all([followLink(place.path), followLink(place.folder)]);
  const parts = [1, gateway, file, folder, meaningOf(config), await passwordHash(config, place.folder)];
  return { file, gateway, hash: createHash('sha256').update(JSON.stringify(parts)).digest('hex') };
}

/** A repository can change the login by the password's file as well; null when the login is not from a file. */
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
