import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { CliError, systemCode } from '../../model/errors.ts';

/** Refuses a file outside of `folder`, after following links; `shown` is the path as the user wrote it. */
export async function requireInside(folder: string, path: string, shown: string): Promise<void> {
  const root = await realpath(folder);
  const real = await realNearest(path);
  if (real === root || real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) return;
  throw new CliError('usage', `${shown} leads out of the folder of agents-llm.yaml, to ${real}`, {
    hint: 'Name a file in that folder, without links that lead out of it',
    details: { path, real },
  });
}

/** The real path or, if it does not exist, that of the nearest existing folder above it. */
async function realNearest(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return realNearest(dirname(path));
  }
}
