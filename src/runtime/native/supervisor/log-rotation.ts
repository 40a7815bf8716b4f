import { constants } from 'node:fs';
import { copyFile, lstat, open, rename, rm } from 'node:fs/promises';

/** As docker-compose.yml has it for the containers. */
const MAX_BYTES = 10 * 1024 * 1024;
const KEPT = 2;

const rotatedFile = (log: string, age: number) => (age === 0 ? log : `${log}.${age}`);

/** From the oldest to the one that is written. */
export function logFiles(log: string): string[] {
  return Array.from({ length: KEPT + 1 }, (_, i) => rotatedFile(log, KEPT - i));
}

/** Moves a log that has grown too large aside. Copied and emptied, since its writers keep it open. */
export async function rotateLog(log: string, maxBytes: number = MAX_BYTES): Promise<void> {
  const size = await lstat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size < maxBytes) return;
  const copy = `${log}.new`;
  try {
    // One that a full disk or a kill has left; a link is removed, not followed.
    await rm(copy, { force: true });
    await copyFile(log, copy, constants.COPYFILE_EXCL);
  } catch (error) {
    // What a full disk has let it write takes room, and the older ones are all there is.
    await rm(copy, { force: true });
    throw error;
  }
  for (let age = KEPT - 1; age >= 1; age -= 1) {
    await rename(rotatedFile(log, age), rotatedFile(log, age + 1)).catch(() => undefined);
  }
  await rename(copy, rotatedFile(log, 1));
  const file = await open(log, constants.O_WRONLY | constants.O_NOFOLLOW);
  await file.truncate(0).finally(() => file.close());
}
