import * as z from 'zod/mini';
import type { Clock } from '../io/clock.ts';
import type { Files } from '../io/files/files.ts';
import type { Processes } from '../io/processes/processes.ts';
import { CliError, systemCode } from '../model/errors.ts';
import { jsonAs } from '../text/json.ts';
import { guardWrite } from './project-folder.ts';

export interface LockDeps {
  readonly files: Pick<Files, 'create' | 'read' | 'remove'>;
  readonly clock: Clock;
  readonly processes: Pick<Processes, 'identity'>;
  readonly pid: number;
  readonly randomBytes: (size: number) => Buffer;
}

export interface LockOptions {
  /** What the owner is doing, for those who wait. */
  readonly command: string;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onWait: (owner: LockOwner) => void;
}

const OWNER = z.object({
  // Zero and negative ids mean groups of processes to the system.
  pid: z.int().check(z.positive()),
  identity: z.string(),
  command: z.string(),
  since: z.string(),
  token: z.string(),
});

export type LockOwner = Readonly<z.infer<typeof OWNER>>;

const POLL_MS = 200;

/** Waits until no other command holds the lock. A lock outlives its process only as a file, which the next one removes. */
export async function acquireLock(
  deps: LockDeps,
  path: string,
  options: LockOptions,
): Promise<{ release(): Promise<void> }> {
  const { clock, files } = deps;
  const deadline = clock.now() + options.waitMs;
  // Windows needs a while to tell it.
  const identity = (await deps.processes.identity(deps.pid)) ?? '';
  let isAnnounced = false;
  for (;;) {
    options.signal.throwIfAborted();
    const mine = describeSelf(deps, identity, options.command);
    const holder = await guardWrite(path, () => tryToLock(deps, path, mine));
    if (holder === 'mine') return { release: () => release(files, path, mine) };
    if (holder === 'gone') continue;
    if (clock.now() >= deadline) throw locked(holder, options.waitMs);
    if (!isAnnounced) options.onWait(holder);
    isAnnounced = true;
    await clock.sleep(Math.min(POLL_MS, deadline - clock.now()), options.signal);
  }
}

/** `gone`: there was a lock and it is gone, so that trying again is worth while at once. */
async function tryToLock(deps: LockDeps, path: string, mine: LockOwner): Promise<'mine' | 'gone' | LockOwner> {
  if (await deps.files.create(path, JSON.stringify(mine), 0o600)) return 'mine';
  const text = await deps.files.read(path);
  if (text === undefined) return 'gone';
  return (await liveOwner(deps, text)) ?? removeStale(deps, path, text, mine);
}

/**
 * Removes `path` if it still holds `text`, whose owner is dead.
 *
 * Two who both saw the dead owner must not both remove: the slower one would remove the lock that the quicker one made
 * since, and renaming it away and back leaves a moment without any lock. So each first claims this very text, by a file
 * that only one can create, and looks again: as long as it has the claim, nothing else can remove or replace that text.
 * A claim whose maker died is a stale lock itself.
 */
async function removeStale(deps: LockDeps, path: string, text: string, mine: LockOwner): Promise<'gone' | LockOwner> {
  const { files } = deps;
  const { createHash } = await import('node:crypto');
  const claim = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  const claimant: LockOwner = { ...mine, token: newToken(deps) };
  if (await files.create(claim, JSON.stringify(claimant), 0o600)) {
    if ((await files.read(path)) === text) await files.remove(path);
    await files.remove(claim);
    return 'gone';
  }
  const other = await files.read(claim);
  if (other === undefined) return 'gone';
  // A live claimant is nearly done: wait for it as for an owner.
  return (await liveOwner(deps, other)) ?? removeStale(deps, claim, other, mine);
}

/** Who has a lock, and whether that process still runs; `owner` is undefined for what no command of ours wrote whole. */
export interface LockFile {
  readonly path: string;
  readonly owner: LockOwner | undefined;
  readonly alive: boolean;
}

export async function inspectLock(
  deps: Pick<LockDeps, 'files' | 'processes'>,
  path: string,
): Promise<LockFile | undefined> {
  const text = await deps.files.read(path);
  if (text === undefined) return undefined;
  return { path, owner: parseOwner(text), alive: (await liveOwner(deps, text)) !== undefined };
}

/** Removes a lock whose owner is dead, and leaves any other. */
export async function clearStaleLock(deps: LockDeps, path: string): Promise<void> {
  const text = await deps.files.read(path);
  if (text === undefined || (await liveOwner(deps, text))) return;
  const identity = (await deps.processes.identity(deps.pid)) ?? '';
  await guardWrite(path, () => removeStale(deps, path, text, describeSelf(deps, identity, 'doctor --fix')));
}

async function liveOwner(deps: Pick<LockDeps, 'processes'>, text: string): Promise<LockOwner | undefined> {
  const owner = parseOwner(text);
  return owner && (await deps.processes.identity(owner.pid)) === owner.identity ? owner : undefined;
}

async function release(files: LockDeps['files'], path: string, mine: LockOwner): Promise<void> {
  try {
    const text = await files.read(path);
    if (text !== undefined && parseOwner(text)?.token === mine.token) await files.remove(path);
  } catch (error) {
    // The lock ends with this process anyway, and must not hide what the command ended with.
    if (systemCode(error) === undefined) throw error;
  }
}

function describeSelf(deps: LockDeps, identity: string, command: string): LockOwner {
  const since = new Date(deps.clock.now()).toISOString();
  return { pid: deps.pid, identity, command, since, token: newToken(deps) };
}

const newToken = (deps: LockDeps) => deps.randomBytes(16).toString('hex');

/** Undefined for what no command of ours wrote whole: nobody holds such a lock. */
const parseOwner = (text: string): LockOwner | undefined => jsonAs(OWNER, text);

function locked({ pid, command, since }: LockOwner, waitMs: number): CliError {
  return new CliError(
    'stack_locked',
    `"agents-llm ${command}" (process ${pid}) has been working on this stack since ${since}`,
    {
      hint: `Wait until it ends, then run the same command again
Or end it: kill ${pid}`,
      details: { pid, command, since, waitedMs: waitMs },
    },
  );
}
