import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ProjectPaths } from '../../../model/paths.ts';

/** Used for root, because neither service runs as root and their users cannot enter root's own folders. */
export const SYSTEM = '/var/lib/agents-llm';
/** `sun_path` has room for 104 bytes on macOS; the socket's own name takes 20 of them. */
const SOCKET_LIMIT = 80;

export interface NativePaths {
  /** Where environments are installed, shared by all projects. */
  readonly installs: string;
  /** Where root installed them for all users; equal to `installs` for root. */
  readonly sharedInstalls: string;
  /** The folder of what belongs to the database's user. */
  readonly dataParent: string;
  /** PostgreSQL's data directory. */
  readonly data: string;
  readonly sockets: string;
  /** Records and logs. */
  readonly folder: string;
  readonly logs: string;
  /** The gateway's home, the only folder that it may write to. */
  readonly home: string;
  readonly migrations: string;
  /** LiteLLM's own configuration, which the gateway may only read: a folder for each version. */
  readonly litellmFiles: string;
  /** The file that is there once LiteLLM may use the database. */
  readonly databaseReady: string;
}

export function nativePaths({ folder }: Pick<ProjectPaths, 'folder'>, uid: number | undefined): NativePaths {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const native = join(folder, 'native');
  const isRoot = uid === 0;
  const dataParent = isRoot ? join(SYSTEM, 'data', hash) : folder;
  const preferred = join(dataParent, 'sockets');
  const home = isRoot ? join(dataParent, 'proxy', 'home') : join(native, 'home');
  return {
    installs: isRoot ? join(SYSTEM, 'native') : join(dirname(folder), 'native'),
    sharedInstalls: join(SYSTEM, 'native'),
    dataParent,
    data: join(dataParent, 'pgdata'),
    sockets: preferred.length <= SOCKET_LIMIT ? preferred : `/tmp/agents-llm-${hash}`,
    folder: native,
    logs: join(native, 'logs'),
    home,
    migrations: join(isRoot ? home : native, 'migrations'),
    litellmFiles: join(dirname(home), 'litellm'),
    databaseReady: join(dirname(home), 'database-ready'),
  };
}
