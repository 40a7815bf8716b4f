import type { Operation, Task } from '../context/invocation.ts';
import { acquireLock, type LockOwner } from './lock.ts';
import { guardWrite } from './project-folder.ts';

const INSTALL_WAIT_MS = 1_800_000;

/** Runs one command at a time per project; the second waits for the first. */
export async function withLock<Result>(
  invocation: Task,
  command: string,
  waitMs: number,
  action: () => Promise<Result>,
): Promise<Result> {
  const { context, settings } = invocation;
  const { folder, lock } = settings.paths;
  // Without the folder of the project, no other command can be working on it.
  if ((await guardWrite(folder, () => context.files.owner(folder))) === undefined) return action();
  return hold(invocation, lock, { command, waitMs }, action);
}

/** Like `withLock`, for what projects share. */
export function withLockFile<Result>(
  invocation: Pick<Operation, 'context' | 'progress'>,
  path: string,
  command: string,
  action: () => Promise<Result>,
): Promise<Result> {
  return hold(invocation, path, { command, waitMs: INSTALL_WAIT_MS }, action);
}

async function hold<Result>(
  { context, progress }: Pick<Operation, 'context' | 'progress'>,
  path: string,
  options: { readonly command: string; readonly waitMs: number },
  action: () => Promise<Result>,
): Promise<Result> {
  const lock = await acquireLock(context, path, {
    ...options,
    signal: context.signal,
    onWait: (owner: LockOwner) => progress.phase(`Waiting for "agents-llm ${owner.command}" (process ${owner.pid})`),
  });
  try {
    return await action();
  } finally {
    await lock.release();
  }
}
