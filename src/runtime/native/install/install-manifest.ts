import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Files } from '../../../io/files/files.ts';
import { jsonAs } from '../../../text/json.ts';

const MANIFEST = z.object({
  schemaVersion: z.literal(1),
  /** The hash of the lock file that it was installed from. */
  lock: z.string(),
  python: z.object({ executable: z.string(), version: z.string() }),
  /** The sizes of files whose loss would be noticed late, by their path in the environment. */
  sizes: z.record(z.string(), z.number()),
  installedAt: z.string(),
  seconds: z.number(),
  bytes: z.number(),
});

/** Written last, so that an environment without a manifest is incomplete. */
export type InstallManifest = Readonly<z.infer<typeof MANIFEST>>;

const manifestFile = (folder: string) => join(folder, 'agents-llm.json');

export async function readManifest(files: Pick<Files, 'read'>, folder: string): Promise<InstallManifest | undefined> {
  const text = await files.read(manifestFile(folder)).catch(() => undefined);
  return text === undefined ? undefined : jsonAs(MANIFEST, text);
}

/** Marks the environment as incomplete. */
export const removeManifest = (files: Pick<Files, 'remove'>, folder: string): Promise<void> =>
  files.remove(manifestFile(folder));

export function writeManifest(files: Pick<Files, 'write'>, folder: string, manifest: InstallManifest): Promise<void> {
  return files.write(manifestFile(folder), `${JSON.stringify(manifest, null, 2)}\n`, 0o644);
}

/** Whether the files of the manifest are complete, and were installed from this lock file (if undefined, from any). */
export async function isComplete(
  files: Pick<Files, 'read' | 'size'>,
  folder: string,
  lock: string | undefined,
): Promise<boolean> {
  const manifest = await readManifest(files, folder);
  if (!manifest || (lock !== undefined && manifest.lock !== lock)) return false;
  const sizes = Object.entries(manifest.sizes).map(async ([path, bytes]) => {
    return (await files.size(join(folder, path)).catch(() => undefined)) === bytes;
  });
  const isThere = files.size(manifest.python.executable).then(
    (size) => size !== undefined,
    () => false,
  );
  return (await Promise.all([...sizes, isThere])).every(Boolean);
}
