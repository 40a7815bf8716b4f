import { dirname } from 'node:path';
import type { Files } from '../../../io/files/files.ts';

/**
 * Whether every user may read a file, and run it if it is a program. Needed for root, who can read everything, but whose
 * services run as other users.
 */
export async function isOpenToAll(path: string, files: Pick<Files, 'mode'>): Promise<boolean> {
  const file = await files.mode(path).catch(() => undefined);
  if (file === undefined || (file & 0o004) === 0 || ((file & 0o100) !== 0 && (file & 0o001) === 0)) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const mode = await files.mode(folder).catch(() => undefined);
    if (mode === undefined || (mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
