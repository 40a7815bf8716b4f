import { join } from 'node:path';
import type { Files } from '../../io/files.ts';

/**
 * Copies our own programs beside the installation: what runs must outlive the folder that npx has put this package into.
 * `source` is `dist/native`, whose file `hash` names its content.
 */
export async function settlePrograms(
  source: string,
  installs: string,
  files: Pick<Files, 'read' | 'copy' | 'rename' | 'remove' | 'makeFolder'>,
): Promise<string> {
  const hash = (await files.read(join(source, 'hash')))?.trim() ?? '';
  const target = join(installs, `programs-${hash}`);
  if ((await files.read(join(target, 'hash'))) !== undefined) return target;
  await files.makeFolder(installs);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    await files.copy(source, temporary);
    await files.rename(temporary, target);
  } catch (error) {
    await files.remove(temporary);
    // Another process was quicker, and has copied the same.
    if ((await files.read(join(target, 'hash'))) === undefined) throw error;
  }
  return target;
}
