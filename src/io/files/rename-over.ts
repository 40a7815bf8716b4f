import { constants } from 'node:fs';
import { rename } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { systemCode } from '../../model/errors.ts';

/** Windows reports these while OneDrive, an antivirus or another reader briefly holds the file open. */
const HELD: readonly (string | undefined)[] = ['EBUSY', 'EPERM', 'EACCES'];
const WAITS_MS = [20, 50, 100, 200, 400, 800];

export interface RenameSystem {
  readonly isWindows: boolean;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<unknown>;
}

const system: RenameSystem = { isWindows: constants.O_DIRECTORY === undefined, rename, sleep: setTimeout };

/** Renames `from` to `to`. On Windows it retries for 1.6 s while another program holds `to` open. */
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
