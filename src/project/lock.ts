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
  /** The owner's command, shown to those who wait. */
  readonly command: string;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onWait: (owner: LockOwner) => void;
}

const OWNER = z.object({
  // The system treats zero and negative ids as process groups.
  pid: z.int().check(z.positive()),
  identity: z.string(),
  command: z.string(),
  since: z.string(),
  token: z.string(),
});

export type LockOwner = Readonly<z.infer<typeof OWNER>>;

const POLL_MS = 200;

/** Waits until no other command holds the lock. The next command removes the lock file of an ended process. */
export async function acquireLock(
  deps: LockDeps,
  path: string,
  options: LockOptions,
): Promise<{ release(): Promise<void> }> {
  const { clock, files } = deps;
  const deadline = clock.now() + options.waitMs;
  // Looked up once, because it is slow on Windows.
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

/** `gone`: the lock has just been released, so try again at once. */
async function tryToLock(deps: LockDeps, path: string, mine: LockOwner): Promise<'mine' | 'gone' | LockOwner> {
  if (await deps.files.create(path, JSON.stringify(mine), 0o600)) return 'mine';
  const text = await deps.files.read(path);
  if (text === undefined) return 'gone';
  return (await liveOwner(deps, text)) ?? removeStale(deps, path, text, mine);
}

/**
 * Removes `path` if it still holds `text`, whose owner is dead.
 *
 * Two processes that both see the dead owner must not both remove the file: the slower one would remove the new lock of the
 * faster one, and renaming it away and back leaves a moment without any lock. So each first claims this exact text with a file
 * that only one can create, and reads the lock again: while it holds the claim, no other process removes or replaces that text.
 * A claim whose owner died is itself a stale lock.
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
  // A live claimant is nearly done, so wait for it as for an owner.
  return (await liveOwner(deps, other)) ?? removeStale(deps, claim, other, mine);
}

/** The owner of a lock, and whether that process still runs; `owner` is undefined for a damaged file. */
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

/** Removes a lock only if its owner is dead. */
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
    // The lock ends with this process anyway, and this error must not hide the result of the command.
    if (systemCode(error) === undefined) throw error;
  }
}

function describeSelf(deps: LockDeps, identity: string, command: string): LockOwner {
  const since = new Date(deps.clock.now()).toISOString();
  return { pid: deps.pid, identity, command, since, token: newToken(deps) };
}

const newToken = (deps: LockDeps) => deps.randomBytes(16).toString('hex');

/** Undefined for a damaged file, which nobody holds. */
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
