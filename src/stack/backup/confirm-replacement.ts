import type { Operation } from '../../context/invocation.ts';
import { confirm } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import { countRows, type DataCounts, describeCounts } from '../data/data-counts.ts';
import { parseRows, READ_ROWS } from '../data/data-rows.ts';
import type { MadeStack } from '../open/made-stack.ts';
import { withDatabase } from '../startup/start-database.ts';
import { makeBackup } from './make-backup.ts';

interface Consent {
  readonly force?: boolean;
  /** Whether the existing data is backed up first. */
  readonly backup: boolean;
}

/**
 * Asks before data is replaced, and backs it up with its secrets, because the salt key may be replaced too. Returns the file
 * of the backup; null if none was made.
 */
export async function confirmReplacement(
  flags: Consent,
  invocation: Operation,
  stack: MadeStack,
): Promise<string | null> {
  const { runtime, spec } = stack;
  return withDatabase(invocation, runtime, spec, async () => {
    const counts = countRows(parseRows(await runtime.database.sql(READ_ROWS)));
    if (Object.values(counts).every((count) => count === 0)) return null;
    await requireConsent(flags, invocation, counts);
    if (!flags.backup) return null;
    return (await makeBackup(invocation, stack, { reason: 'restore', withSecrets: true })).file;
  });
}

async function requireConsent(
  flags: Consent,
  invocation: Pick<Operation, 'context' | 'progress'>,
  counts: DataCounts,
): Promise<void> {
  if (flags.force) return;
  const { stdin, stderr } = invocation.context.streams;
  const contents = describeCounts(counts);
  if (stdin.isTTY && stderr.isTerminal) {
    stderr.write(`This replaces ${contents}${flags.backup ? ' after a backup' : ''}\n`);
    if (await confirm('Replace them?', invocation)) return;
  }
  throw new CliError('confirmation_needed', `The stack contains ${contents}, so nothing was replaced`, {
    hint: 'Replace them without a question: --force',
    details: { counts },
  });
}
