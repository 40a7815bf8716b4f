import { copyFile, rename, rm, stat, truncate } from 'node:fs/promises';

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
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size < maxBytes) return;
  const copy = `${log}.new`;
  try {
    await copyFile(log, copy);
  } catch (error) {
    // What a full disk has let it write takes room, and the older ones are all there is.
    await rm(copy, { force: true });
    throw error;
  }
  for (let age = KEPT - 1; age >= 1; age -= 1) {
    await rename(rotatedFile(log, age), rotatedFile(log, age + 1)).catch(() => undefined);
  }
  await rename(copy, rotatedFile(log, 1));
  await truncate(log, 0);
}
