import * as z from 'zod/mini';
import type { Files } from '../io/files/files.ts';
import { systemCode } from '../model/errors.ts';
import type { ProjectPaths } from '../model/paths.ts';
import { jsonAs } from '../text/json.ts';
import { guardWrite } from './project-folder.ts';

/** A file that the user has allowed to be applied. */
export interface AllowedFile {
  /** Its real path. */
  readonly file: string;
  /** `own` for the project's own stack, otherwise the address of another LiteLLM. */
  readonly gateway: string;
  /** SHA-256 of the file's meaning and location. */
  readonly hash: string;
}

type Paths = Pick<ProjectPaths, 'allowedFiles'>;

const LIST = z.object({
  schemaVersion: z.literal(1),
  files: z.array(z.object({ file: z.string(), gateway: z.string(), hash: z.string() })),
});

/** An unreadable list allows nothing. */
export async function readAllowedFiles(files: Pick<Files, 'read'>, paths: Paths): Promise<readonly AllowedFile[]> {
  try {
    const text = await files.read(paths.allowedFiles);
    return text === undefined ? [] : (jsonAs(LIST, text)?.files ?? []);
  } catch (error) {
    if (systemCode(error) !== undefined) return [];
    throw error;
  }
}

/** Replaces an earlier permission for that file. */
export async function allowFile(
  files: Pick<Files, 'read' | 'write'>,
  paths: Paths,
  allowed: AllowedFile,
): Promise<void> {
  const others = (await readAllowedFiles(files, paths)).filter(
    ({ file, gateway }) => file !== allowed.file || gateway !== allowed.gateway,
  );
  await writeAllowedFiles(files, paths, [...others, allowed]);
}

/** For every gateway of the project; false if the file was not allowed. */
export async function forgetFile(files: Pick<Files, 'read' | 'write'>, paths: Paths, path: string): Promise<boolean> {
  const before = await readAllowedFiles(files, paths);
  const after = before.filter(({ file }) => file !== path);
  if (after.length === before.length) return false;
  await writeAllowedFiles(files, paths, after);
  return true;
}

function writeAllowedFiles(
  files: Pick<Files, 'write'>,
  { allowedFiles }: Paths,
  list: readonly AllowedFile[],
): Promise<void> {
  const text = `${JSON.stringify({ schemaVersion: 1, files: list }, null, 2)}\n`;
  return guardWrite(allowedFiles, () => files.write(allowedFiles, text, 0o600));
}
