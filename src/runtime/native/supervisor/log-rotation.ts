import { constants } from 'node:fs';
import { copyFile, lstat, open, rename, rm } from 'node:fs/promises';

/** The same as for the containers in docker-compose.yml. */
const MAX_BYTES = 10 * 1024 * 1024;
const KEPT_FILES = 2;

const rotatedFile = (log: string, age: number) => (age === 0 ? log : `${log}.${age}`);

/** The files of a log, from the oldest to the current one. */
export function logFiles(log: string): string[] {
  return Array.from({ length: KEPT_FILES + 1 }, (_, i) => rotatedFile(log, KEPT_FILES - i));
}

/** Rotates a log that is too large: it is copied and emptied, because its writers keep it open. */
export async function rotateLog(log: string, maxBytes: number = MAX_BYTES): Promise<void> {
  const size = await lstat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size < maxBytes) return;
  const copy = `${log}.new`;
  try {
    // An earlier copy may be left after a full disk or a kill. Removing does not follow a link.
    await rm(copy, { force: true });
    await copyFile(log, copy, constants.COPYFILE_EXCL);
  } catch (error) {
    // On a full disk, the incomplete copy takes space, and the older files must be kept.
    await rm(copy, { force: true });
    throw error;
  }
  for (let age = KEPT_FILES - 1; age >= 1; age -= 1) {
    await rename(rotatedFile(log, age), rotatedFile(log, age + 1)).catch(() => undefined);
  }
  await rename(copy, rotatedFile(log, 1));
  const file = await open(log, constants.O_WRONLY | constants.O_NOFOLLOW);
  await file.truncate(0).finally(() => file.close());
}
