import { constants } from 'node:fs';
import { rename } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { systemCode } from '../../model/errors.ts';

/** What Windows answers while OneDrive, an antivirus or another reader holds the file open for a moment. */
const HELD: readonly (string | undefined)[] = ['EBUSY', 'EPERM', 'EACCES'];
const WAITS_MS = [20, 50, 100, 200, 400, 800];

export interface RenameSystem {
  readonly isWindows: boolean;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<unknown>;
}

const system: RenameSystem = { isWindows: constants.O_DIRECTORY === undefined, rename, sleep: setTimeout };

/** Puts `from` in the place of `to`. On Windows it tries again for 1.6 s while someone holds `to` open. */
export async function renameOver(from: string, to: string, how: RenameSystem = system): Promise<void> {
  for (const wait of how.isWindows ? WAITS_MS : []) {
    try {
      return await how.rename(from, to);
    } catch (error) {
      if (!HELD.includes(systemCode(error))) throw error;
      await how.sleep(wait);
    }
  }
  await how.rename(from, to);
}
