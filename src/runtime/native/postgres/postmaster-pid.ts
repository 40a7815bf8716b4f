import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import type { Processes } from '../../../io/processes/processes.ts';

export interface PostmasterPid {
  readonly pid: number;
  readonly port: number;
  /** The folder of its socket. */
  readonly sockets: string;
  /** Whether it accepts connections. */
  readonly ready: boolean;
}

/** PostgreSQL's `postmaster.pid`: pid, data directory, start time, port, socket folder, address, shared memory, status. */
export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const [pid, , , port, sockets, , , status] = lines;
  if (!pid || !port || !sockets) return undefined;
  return { pid: Number(pid), port: Number(port), sockets, ready: status === 'ready' };
}

/** The folders in `parent`, one per stack, whose database is running. */
export async function runningDatabases(
  parent: string,
  files: Pick<Files, 'list' | 'read'>,
  processes: Pick<Processes, 'identity'>,
): Promise<string[]> {
  const running: string[] = [];
  for (const name of await files.list(parent)) {
    const folder = join(parent, name);
    const text = await files.read(join(folder, 'pgdata', 'postmaster.pid'));
    const server = text === undefined ? undefined : parsePostmasterPid(text);
    if (server && (await processes.identity(server.pid)) !== undefined) running.push(folder);
  }
  return running;
}
