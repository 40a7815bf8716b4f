import type { Operation, Workplace } from '../../context/invocation.ts';
import { type Canary, makeCanary, missOfCanary, removeCanaries } from '../../litellm/admin/canary.ts';
import { warningLine } from '../../model/report.ts';
import { servicesOf } from '../../model/stack-spec.ts';
import { countRows } from '../data/data-counts.ts';
import { READ_IDENTITY } from '../data/data-identity.ts';
import { findLosses } from '../data/data-losses.ts';
import { READ_RECENT_REQUESTS } from '../data/data-rows.ts';
import type { MadeStack } from '../open/made-stack.ts';
import { startStack } from '../startup/start-stack.ts';
import { clearCanaries } from './clear-canaries.ts';
import { compareData } from './compare-data.ts';
import {
  canaryCheck,
  identityCheck,
  inventoryCheck,
  readableCheck,
  type Snapshot,
  volumeCheck,
} from './verify-checks.ts';
import type { VerifyData, VerifyMode } from './verify-result.ts';

interface VerifyOptions {
  readonly mode: VerifyMode;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

type Found = Omit<VerifyData, 'elapsedMs'> & { readonly warnings: readonly string[] };

/** Checks, restarts, and checks again. When the first check finds a loss, nothing is restarted: that could make it worse. */
export async function verifyData(invocation: Operation, stack: MadeStack, options: VerifyOptions): Promise<Found> {
  const { mode } = options;
  invocation.progress.phase('Recording current data');
  await removeCanaries(stack.client);
  const before = await takeSnapshot(invocation, stack);
  const shared = { project: stack.spec.project, mode, runtime: stack.runtime.kind, inventory: countRows(before.rows) };
  const ended = before.endedKeys.map(({ seen, fix }) => `${seen}. ${fix}`);
  const first = [volumeCheck(before.place), inventoryCheck(before, before.missing), readableCheck(before.unreadable)];
  if (first.some(({ ok }) => !ok)) {
    return { ...shared, checks: first, losses: [...before.missing, ...before.unreadable], warnings: ended };
  }
  if (mode !== 'no-restart') await warnOfClients(invocation, stack);
  const { after, misses, warnings } = await withCanary(invocation, stack, async (canary) => {
    if (mode !== 'no-restart') await restart(invocation, stack, options);
    invocation.progress.phase('Verifying data');
    return { after: await takeSnapshot(invocation, stack), misses: await missOfCanary(stack.client, canary) };
  });
  const lost = findLosses(before.rows, after.rows);
  const checks = [
    volumeCheck(after.place),
    identityCheck(before, after),
    inventoryCheck(before, lost),
    readableCheck(after.unreadable),
    canaryCheck(misses),
  ];
  return { ...shared, checks, losses: [...lost, ...after.unreadable], warnings: [...ended, ...warnings] };
}

async function takeSnapshot(invocation: Workplace, { runtime, client }: MadeStack): Promise<Snapshot> {
  const data = await compareData(invocation, runtime, client);
  const [place, id] = await Promise.all([runtime.dataPlace(), runtime.database.sql(READ_IDENTITY)]);
  return { ...data, place, id: id.trim() };
}

async function restart(invocation: Operation, stack: MadeStack, { mode, deadline }: VerifyOptions): Promise<void> {
  const { runtime, spec, secrets } = stack;
  if (mode === 'restart') {
    invocation.progress.phase('Stopping the services');
    await runtime.stop();
  }
  await startStack(invocation, runtime, {
    spec,
    secrets,
    deadline,
    recreate: mode === 'recreate' ? servicesOf(spec) : [],
  });
}

/** The canary, a temporary provider, alias and key, is removed in every outcome; when that fails, the next run does it. */
async function withCanary<Result>(
  invocation: Operation,
  stack: MadeStack,
  action: (canary: Canary) => Promise<Result>,
): Promise<Result & { readonly warnings: readonly string[] }> {
  const { context, redaction, progress } = invocation;
  const clear = async () => {
    progress.phase('Removing the canaries');
    return clearCanaries(invocation, stack).then(
      () => [],
      (error: Error) => [`Could not remove the canaries (${error.message}). The next verify-persistence removes them`],
    );
  };
  try {
    const canary = await makeCanary(stack.client, context.randomBytes(6).toString('hex'));
    redaction.add([canary.key]);
    const result = await action(canary);
    return { ...result, warnings: await clear() };
  } catch (error) {
    for (const warning of await clear()) context.streams.stderr.write(warningLine(warning));
    throw error;
  }
}

/** Warns before the restart, because afterwards it is too late. */
async function warnOfClients({ context }: Pick<Operation, 'context'>, { runtime }: MadeStack): Promise<void> {
  const recent = Number(await runtime.database.sql(READ_RECENT_REQUESTS));
  if (!(recent > 0)) return;
  const requests = recent === 1 ? '1 request' : `${recent} requests`;
  const text = `The gateway answered ${requests} in the last 5 minutes. The restart interrupts their clients`;
  context.streams.stderr.write(warningLine(text));
}
