import { basename, dirname, join } from 'node:path';
import type { Files } from '../../io/files/files.ts';
import { CliError } from '../../model/errors.ts';
import type { NativePaths } from './folders/native-paths.ts';
import { parsePasswd } from './postgres/database-user.ts';

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Ids that no distribution assigns (see systemd's list) and that exist in a user namespace of 65,536 ids. `nobody` may also run
 * other programs, which could read the gateway's memory.
 */
const FIRST = 60_578;
const COUNT = 606;

export interface ProxyUserOptions {
  readonly files: Pick<Files, 'read' | 'owner' | 'list'>;
  readonly paths: Pick<NativePaths, 'home' | 'dataParent'>;
}

/** For root: the user that LiteLLM and its query engine run as. Each stack has its own, which has no name and owns nothing else. */
export async function proxyUser({ files, paths }: ProxyUserOptions, uid: number | undefined) {
  if (uid !== 0) return undefined;
  const taken = new Set(parsePasswd((await files.read('/etc/passwd')) ?? '').map((user) => user.uid));
  const stacks = dirname(paths.dataParent);
  const inStack = paths.home.slice(paths.dataParent.length + 1);
  for (const other of await files.list(stacks)) {
    const owner = await files.owner(join(stacks, other, inStack));
    if (owner !== undefined && other !== basename(paths.dataParent)) taken.add(owner);
  }
  return firstFree(taken, await files.owner(paths.home), Number.parseInt(basename(paths.dataParent), 16) % COUNT);
}

/** Prefers the id that already owns the stack's folder. */
function firstFree(taken: ReadonlySet<number>, owner: number | undefined, start: number): UserIds {
  const ids = Array.from({ length: COUNT }, (_, i) => FIRST + ((start + i) % COUNT)).filter((id) => !taken.has(id));
  const chosen = ids.find((id) => id === owner) ?? ids[0];
  if (chosen !== undefined) return { uid: chosen, gid: chosen };
  throw new CliError(
    'native_unsupported',
    'LiteLLM does not run as root, but every user id reserved for it is in use',
    {
      hint: 'Run the command as an ordinary user\nOr use Docker: agents-llm up --runtime docker',
      details: { first: FIRST, last: FIRST + COUNT - 1 },
    },
  );
}
