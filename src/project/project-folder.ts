import { dirname } from 'node:path';
import type { AccessLists } from '../io/files/access-lists.ts';
import type { Files } from '../io/files/files.ts';
import { readProblem } from '../io/files/regular-file.ts';
import { CliError, type ErrorCode, systemCode } from '../model/errors.ts';
import type { ProjectPaths } from '../model/paths.ts';

// A file system without hard links answers EPERM or ENOTSUP to `Files.create`.
const UNWRITABLE: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ENOTSUP',
]);
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

export interface FolderMaker {
  readonly files: Pick<Files, 'makeOwnFolder' | 'owner'>;
  readonly uid: number | undefined;
  readonly accessLists?: Pick<AccessLists, 'close'>;
}

/** Creates the folders of all projects and of this one for their owner alone; refuses those of another user. Returns warnings. */
export async function openProjectFolder(
  { files, uid, accessLists }: FolderMaker,
  paths: Pick<ProjectPaths, 'folder'>,
): Promise<readonly string[]> {
  let made: string | undefined;
  for (const folder of [dirname(paths.folder), paths.folder]) {
    const owner = await guardWrite(folder, async () => {
      // What is made in it later has its access list too.
      if (accessLists && (await files.owner(folder)) === undefined) made ??= folder;
      await files.makeOwnFolder(folder);
      return files.owner(folder);
    });
    if (uid === undefined || owner === undefined || owner === uid) continue;
    throw new CliError('state_not_ours', `${folder} belongs to another user (ID ${owner}; yours is ${uid})`, {
      hint: `Run it as that user (without sudo if the stack was created without it)
Or keep the stack's files elsewhere: AGENTS_LLM_HOME=/another/folder agents-llm up`,
      details: { path: folder, owner, uid },
    });
  }
  if (made === undefined || !accessLists || (await accessLists.close(made))) return [];
  return [`Other users of this machine may be able to read ${made}, because its access list cannot be changed`];
}

/** Throws if others can change the contents of this project's folder or of the folder of all projects. */
export async function requireOwnHome(
  files: Pick<Files, 'requireOwnFolder'>,
  { folder }: Pick<ProjectPaths, 'folder'>,
): Promise<void> {
  for (const path of [dirname(folder), folder]) await files.requireOwnFolder(path);
}

/** Runs an action that writes to `path`, and explains the system's errors. */
export async function guardWrite<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const system = systemCode(cause);
    const details = { path, system };
    if (UNWRITABLE.has(system)) {
      throw new CliError('state_unwritable', `${path} cannot be written (${system})`, {
        hint: `Give yourself write permission there
Or keep the stack's files elsewhere: AGENTS_LLM_HOME=/another/folder agents-llm up`,
        details,
        cause,
      });
    }
    if (FULL.has(system)) {
      throw new CliError('state_full', `${path} cannot be written because no space is left (${system})`, {
        hint: 'Free space on that disk, then run the same command again (existing files are unchanged)',
        details,
        cause,
      });
    }
    throw cause;
  }
}

/** The text of a file of the stack. Throws `code` if it exists but cannot be read. */
export async function readStateFile(
  files: Pick<Files, 'read'>,
  path: string,
  code: ErrorCode & `${string}_invalid`,
): Promise<string | undefined> {
  try {
    return await files.read(path);
  } catch (cause) {
    const system = systemCode(cause);
    if (system === undefined) throw cause;
    throw new CliError(code, `${path} cannot be read (${readProblem(cause)})`, {
      hint: `Make it a file that you can read (nothing was overwritten): ls -ld ${path}`,
      details: { path, system },
      cause,
    });
  }
}
