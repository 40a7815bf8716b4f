import { basename, dirname, join } from 'node:path';
import { clearStaleLock, inspectLock, type LockFile } from '../project/lock.ts';
import { isRestoring } from '../stack/backup/undo-restore.ts';
import { isRotating } from '../stack/rotation/rotating.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, ok, warn } from './finding.ts';

export const LOCK_CHECKS: readonly Check[] = [
  { id: 'unfinished', run: checkUnfinished },
  { id: 'lock', run: async (stack) => judgeLocks(await readLocks(stack)), repair: clearLocks },
];

async function checkUnfinished({ invocation, state }: ExaminedStack): Promise<Finding> {
  if (await isRestoring(invocation)) {
    return warn('A restore was interrupted', 'Undo it by starting the stack: agents-llm up');
  }
  if (isRotating((await state())?.fingerprints)) {
    return warn('A rotation was interrupted', 'Finish it by starting the stack: agents-llm up');
  }
  return ok('No interrupted restore or rotation');
}

/** The lock of the project, and claims left by processes that died while removing it. */
async function readLocks({ invocation: { context, settings } }: ExaminedStack): Promise<LockFile[]> {
  const { lock } = settings.paths;
  const folder = dirname(lock);
  const ours = (await context.files.list(folder)).filter(
    (name) => name === 'lock' || /^lock(\.[0-9a-f]{32})+$/.test(name),
  );
  const found = await Promise.all(ours.map((name) => inspectLock(context, join(folder, name))));
  return found.filter((lock): lock is LockFile => lock !== undefined);
}

export function judgeLocks(locks: readonly LockFile[]): Finding {
  const live = locks.find(({ alive }) => alive);
  if (live?.owner) {
    const { command, pid, since } = live.owner;
    return ok(`"agents-llm ${command}" (process ${pid}) has been running since ${since}`);
  }
  const dead = locks.filter(({ alive }) => !alive);
  if (dead.length === 0) return ok('No other command is using this stack');
  const whose = dead.map(({ path, owner }) => (owner ? `process ${owner.pid} ("${owner.command}")` : basename(path)));
  return warn(`Locks left over from ended processes: ${whose.join(', ')}`, 'Remove them: agents-llm doctor --fix');
}

async function clearLocks(stack: ExaminedStack): Promise<string> {
  const { context } = stack.invocation;
  for (const { path } of await readLocks(stack)) await clearStaleLock(context, path);
  return 'Removed the locks of ended processes';
}
