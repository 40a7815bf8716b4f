import { join } from 'node:path';
import type { Files } from '../../io/files.ts';
import type { Processes } from '../../io/processes.ts';
import { parsePostmasterPid } from './postmaster-pid.ts';

/** The folders inside `parent`, which holds one of each stack, whose database runs. */
export async function runningDatabases(
  parent: string,
  files: Pick<Files, 'list' | 'read'>,
  processes: Pick<Processes, 'identity'>,
): Promise<string[]> {
  const running: string[] = [];
  for (const name of await files.list(parent)) {
    const folder = join(parent, name);
    const text = await files.read(join(folder, 'pgdata', 'postmaster.pid'));
    const found = text === undefined ? undefined : parsePostmasterPid(text);
    if (found && (await processes.identity(found.pid)) !== undefined) running.push(folder);
  }
  return running;
}
