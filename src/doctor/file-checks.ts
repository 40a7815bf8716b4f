import { basename, dirname, join } from 'node:path';
import type { Context } from '../context/context.ts';
import type { AccessLists } from '../io/files/access-lists.ts';
import { CliError } from '../model/errors.ts';
import type { ProjectPaths } from '../model/paths.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, fail, findingOf, ok, skip } from './finding.ts';

export const FILE_CHECKS: readonly Check[] = [
  { id: 'state', run: checkState },
  {
    id: 'file-modes',
    run: async ({ invocation: { context, settings } }) =>
      context.accessLists
        ? judgeAccessLists(settings.paths, await readModes(context, settings.paths), context.accessLists)
        : ((await unsafeFolders(context, settings.paths)).map(findingOf)[0] ??
          judgeModes(await readModes(context, settings.paths))),
    repair: (stack) => {
      const { accessLists } = stack.invocation.context;
      return accessLists ? closeFolder(stack, accessLists) : closeFiles(stack);
    },
  },
];

async function checkState({ invocation: { context, settings }, state, spec }: ExaminedStack): Promise<Finding> {
  const { paths } = settings;
  for (const folder of [dirname(paths.folder), paths.folder]) await requireOwn(context, folder);
  if (!(await state())) return skip('No stack yet');
  const { image, bind, port } = await spec();
  return ok(`${image} on ${bind}:${port}`);
}

async function requireOwn({ files, uid }: Context, folder: string): Promise<void> {
  const owner = await files.owner(folder);
  if (uid === undefined || owner === undefined || owner === uid) return;
  throw new CliError('state_not_ours', `${folder} belongs to another user (id ${owner}; your id is ${uid})`, {
    hint: `Take ownership: sudo chown -R $USER ${folder}`,
    details: { path: folder, owner, uid },
  });
}

/** Folders that other users could change or replace, from the folder of all projects down. */
async function unsafeFolders({ files }: Context, { folder, keys, backups, tls }: ProjectPaths): Promise<CliError[]> {
  const found: CliError[] = [];
  for (const path of [dirname(folder), folder, keys, backups, tls, join(folder, 'native')]) {
    await files.requireOwnFolder(path).catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      found.push(error);
    });
  }
  return found;
}

export interface FileMode {
  readonly path: string;
  readonly mode: number;
}

/** Of everything that holds secrets: the folder of the project, its keys, and secrets saved beside backups. */
async function readModes({ files }: Context, paths: ProjectPaths): Promise<FileMode[]> {
  const inside = async (folder: string, extension: string): Promise<string[]> => {
    const names = await files.list(folder);
    return names.filter((name) => name.endsWith(extension)).map((name) => join(folder, name));
  };
  const all = [
    ...[paths.folder, paths.keys, paths.backups, paths.secrets, paths.secretsBefore, paths.allowedFiles],
    ...(await inside(paths.keys, '.json')),
    ...(await inside(paths.backups, '.env')),
  ];
  const modes = all.map(async (path) => ({ path, mode: await files.mode(path) }));
  return (await Promise.all(modes)).filter((found): found is FileMode => found.mode !== undefined);
}

const isOpen = ({ mode }: FileMode) => (mode & 0o077) !== 0;

export function judgeModes(found: readonly FileMode[]): Finding {
  if (found.length === 0) return skip('No files yet');
  const open = found.filter(isOpen);
  if (open.length === 0) return ok('Only you can read secrets and keys');
  const list = open.map(({ path, mode }) => `${basename(path)} (${mode.toString(8).padStart(4, '0')})`).join(', ');
  const seen = `Other users of this machine can read ${list} in ${dirname(open[0]?.path ?? '')}`;
  return fail('secrets_exposed', seen, 'Repair the modes: agents-llm doctor --fix');
}

/** On Windows, where modes mean nothing. */
async function judgeAccessLists(
  { folder }: ProjectPaths,
  found: readonly FileMode[],
  lists: AccessLists,
): Promise<Finding> {
  if (found.length === 0) return skip('No files yet');
  const open = await lists.open(found.map(({ path }) => path));
  if (open === undefined) return skip('Cannot read the access lists of files');
  if (open.length === 0) return ok('Only you can read secrets and keys');
  const seen = `Other users of this machine can use ${open.map((path) => basename(path)).join(', ')} in ${folder}`;
  return fail('secrets_exposed', seen, 'Take their access away: agents-llm doctor --fix');
}

async function closeFolder({ invocation }: ExaminedStack, lists: AccessLists): Promise<string> {
  const { folder } = invocation.settings.paths;
  if (await lists.close(folder)) return `Removed access of other users to ${folder}`;
  throw new CliError('state_unwritable', `The access list of ${folder} cannot be changed`, {
    hint: `See who has access: icacls "${folder}"`,
    details: { path: folder },
  });
}

async function closeFiles({ invocation: { context, settings } }: ExaminedStack): Promise<string> {
  const closed = await closeFolders(context, settings.paths);
  const open = (await readModes(context, settings.paths)).filter(isOpen);
  for (const { path, mode } of open) await context.files.chmod(path, mode & 0o700);
  const all = [...new Set([...closed, ...open.map(({ path }) => path)])];
  return all.length === 0 ? 'Nothing to change' : `Removed access of other users to ${all.join(', ')}`;
}

/** Only our own folders, never one such as /tmp. Closing one may reveal another below it, so it repeats. */
async function closeFolders(context: Context, paths: ProjectPaths): Promise<readonly string[]> {
  const closed = new Set<string>();
  for (;;) {
    const folder = (await unsafeFolders(context, paths)).map((error) => closable(error, context)).find(Boolean);
    if (!folder || closed.has(folder.path)) return [...closed];
    await context.files.chmod(folder.path, folder.mode & ~0o022);
    closed.add(folder.path);
  }
}

const STICKY = 0o1000;

function closable({ code, details }: CliError, { uid }: Context): FileMode | undefined {
  const { path, owner, mode } = details;
  if (code !== 'folder_unsafe' || owner !== uid || typeof path !== 'string') return undefined;
  const found = Number.parseInt(String(mode), 8);
  return (found & STICKY) === 0 ? { path, mode: found } : undefined;
}
