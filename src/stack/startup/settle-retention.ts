import type { Workplace } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { readState, writeState } from '../../project/state.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { LOG_RETENTION, SET_RETENTION } from '../data/log-retention.ts';

export interface SettledRetention {
  /** Set now; null when nothing was. */
  readonly logRetention: string | null;
  readonly warnings: readonly string[];
}

const NOTHING: SettledRetention = { logRetention: null, warnings: [] };

/**
 * Once in the life of a stack, when it is ready for the first time: an empty request log is limited. `isOwn` when LiteLLM's
 * own configuration sets the retention, whatever to.
 */
export async function settleRetention(
  { context: { files }, settings }: Workplace,
  { database }: Pick<Runtime, 'database'>,
  isOwn: boolean,
): Promise<SettledRetention> {
  const state = await readState(files, settings.paths);
  if (!state || state.logRetentionSettled || isOwn) return NOTHING;
  try {
    const isSet = (await database.sql(SET_RETENTION)).trim() !== '';
    await writeState(files, settings.paths, { ...state, logRetentionSettled: true });
    return isSet ? { ...NOTHING, logRetention: LOG_RETENTION } : NOTHING;
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'database_failed') throw error;
    return { ...NOTHING, warnings: [`The request log has no limit, because it could not be set: ${error.message}`] };
  }
}
