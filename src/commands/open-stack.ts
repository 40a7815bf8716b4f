import { CliError } from '../errors.ts';
import { composeFile } from '../paths.ts';
import { dockerRuntime } from '../runtime/docker/docker-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { commandLine } from '../settings.ts';
import { acquireLock, type LockOwner } from '../stack/lock.ts';
import { allSecrets, readSecrets, type StackSecrets } from '../stack/secrets.ts';
import { readState, type StackState } from '../stack/state.ts';
import type { Invocation } from './invocation.ts';

/** A project's stack: what is written about it, and the runtime that it runs on. */
export interface Stack {
  readonly runtime: Runtime;
  /** Undefined before the first `up`. */
  readonly state: StackState | undefined;
  readonly secrets: StackSecrets | undefined;
}

/** Reads what is there and changes nothing. From here on the stack's secrets are redacted in all that is written. */
export async function openStack(invocation: Invocation): Promise<Stack> {
  const { context, settings, redaction } = invocation;
  const [state, secrets] = await Promise.all([
    readState(context.files, settings.paths),
    readSecrets(context.files, settings.paths),
  ]);
  if (secrets) redaction.add(allSecrets(secrets));
  return { runtime: runtimeOf(invocation), state, secrets };
}

/** The runtime alone, for what must work although the project's files are broken. */
export function runtimeOf({ context, settings }: Invocation, endpoint?: string): Runtime {
  return dockerRuntime({
    env: endpoint === undefined ? context.env : { ...context.env, DOCKER_HOST: endpoint, DOCKER_CONTEXT: undefined },
    home: context.home,
    platform: context.platform,
    project: settings.project,
    paths: settings.paths,
    composeFile: composeFile(),
    files: context.files,
    runner: context.runner,
    http: context.http,
    clock: context.clock,
    signal: context.signal,
  });
}

/** Refuses to change a stack that lives on another engine than the one that answers now. */
export function requireSameEngine(
  state: StackState | undefined,
  now: { readonly endpoint: string; readonly id: string },
  project: string,
): void {
  if (!state || state.engine.endpoint === now.endpoint || state.engine.id === now.id) return;
  throw new CliError(
    'engine_changed',
    `this stack lives on ${state.engine.endpoint}, and Docker now means ${now.endpoint}`,
    {
      hint: `to use it where it is: DOCKER_HOST=${state.engine.endpoint} ${commandLine(project, 'up')}
to start another one here: agents-llm -p NAME up`,
      details: { remembered: state.engine.endpoint, current: now.endpoint },
    },
  );
}

/** Runs one command at a time per project; the second waits for the first. */
export async function withLock<Result>(
  { context, settings, progress }: Invocation,
  command: string,
  waitMs: number,
  action: () => Promise<Result>,
): Promise<Result> {
  const lock = await acquireLock(context, settings.paths.lock, {
    command,
    waitMs,
    signal: context.signal,
    onWait: (owner: LockOwner) => progress.phase(`waiting for "agents-llm ${owner.command}" (process ${owner.pid})`),
  });
  try {
    return await action();
  } finally {
    await lock.release();
  }
}
