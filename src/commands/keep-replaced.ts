import { CliError } from '../errors.ts';
import { confirm } from '../io/ask.ts';
import type { DataCounts } from '../stack/backup-manifest.ts';
import { parseRows, READ_ROWS } from '../stack/data-rows.ts';
import type { Invocation } from './invocation.ts';
import { makeBackup } from './make-backup.ts';
import type { MadeStack } from './require-ready.ts';
import type { RestoreFlags } from './restore.ts';
import { countRows, describeCounts } from './verify-view.ts';
import { withDatabase } from './with-database.ts';

type Consent = Pick<RestoreFlags, 'force' | 'backup'>;

/** Asks before data is replaced, and backs it up, its secrets with it: the salt key may be replaced too. */
export async function keepReplaced(flags: Consent, invocation: Invocation, stack: MadeStack): Promise<string | null> {
  const { runtime, spec } = stack;
  return withDatabase(invocation, runtime, spec, async () => {
    const counts = countRows(parseRows(await runtime.database.sql(READ_ROWS)));
    if (Object.values(counts).every((count) => count === 0)) return null;
    await requireConsent(flags, invocation, counts);
    if (!flags.backup) return null;
    return (await makeBackup(invocation, stack, { reason: 'restore', withSecrets: true })).file;
  });
}

async function requireConsent(flags: Consent, invocation: Invocation, counts: DataCounts): Promise<void> {
  if (flags.force) return;
  const { stdin, stderr } = invocation.context.streams;
  const what = describeCounts(counts);
  if (stdin.isTTY && stderr.isTerminal) {
    stderr.write(`this replaces ${what}${flags.backup ? ', after a backup' : ''}\n`);
    if (await confirm('Replace them?', invocation)) return;
  }
  throw new CliError('confirmation_needed', `nothing was replaced: the stack holds ${what}`, {
    hint: 'to replace them without a question: --force',
    details: { counts },
  });
}
