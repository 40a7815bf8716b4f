import { dirname } from 'node:path';
import type { Files } from '../io/files/files.ts';
import { acquireLock, type LockDeps } from './lock.ts';
import { guardWrite } from './project-folder.ts';

export type KeyLockDeps = LockDeps & { readonly files: LockDeps['files'] & Pick<Files, 'makeOwnFolder'> };

const WAIT_MS = 60_000;

/**
 * Only one process of this user at a time creates or changes the key of an alias. `pathOf` returns the lock file of an alias,
 * beside the file of its key.
 */
export function keyLock(deps: KeyLockDeps, pathOf: (alias: string) => string, signal: AbortSignal) {
  return async <Result>(alias: string, action: () => Promise<Result>): Promise<Result> => {
    const path = pathOf(alias);
    await guardWrite(path, () => deps.files.makeOwnFolder(dirname(path)));
    const options = { command: `provision-key --alias ${alias}`, waitMs: WAIT_MS, signal, onWait: () => undefined };
    const lock = await acquireLock(deps, path, options);
    try {
      return await action();
    } finally {
      await lock.release();
    }
  };
}
