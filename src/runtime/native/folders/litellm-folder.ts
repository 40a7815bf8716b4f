import { dirname, join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { LITELLM_CONFIG, LITELLM_FOLDER, textOfFile } from '../../../model/litellm-files.ts';
import type { ProjectPaths } from '../../../model/paths.ts';
import type { StackSpec } from '../../../model/stack-spec.ts';
import { yamlWithLoopback } from '../../../model/this-machine.ts';
import { litellmFilesOf } from '../../litellm-files.ts';
import type { NativePaths } from './native-paths.ts';
import { makeSharedFolder } from './shared-folder.ts';

export interface LitellmFolderOptions {
  readonly files: Files;
  readonly uid: number | undefined;
  readonly paths: Pick<NativePaths, 'litellmFiles'>;
  readonly litellmFiles: ProjectPaths['litellmFiles'];
}

/** Writes LiteLLM's own configuration to a folder that its user can read, and removes earlier ones. */
export async function settleLitellmFiles(
  spec: StackSpec,
  { files, uid, paths, litellmFiles }: LitellmFolderOptions,
): Promise<void> {
  const configuration = await litellmFilesOf(spec, files, { litellmFiles });
  for (const name of await files.list(paths.litellmFiles)) {
    if (name !== spec.litellm?.hash) await files.remove(join(paths.litellmFiles, name));
  }
  if (!configuration || !spec.litellm) return;
  const folder = join(paths.litellmFiles, spec.litellm.hash);
  const make = (path: string) =>
    uid === 0 ? makeSharedFolder(path, 0o755, files) : files.makeOwnFolder(path, { mode: 0o700 });
  await make(paths.litellmFiles);
  await make(folder);
  for (const [name, content] of Object.entries(configuration)) {
    const path = join(folder, name);
    if (dirname(path) !== folder) await make(dirname(path));
    const text = textOfFile(content).replaceAll(LITELLM_FOLDER, folder);
    const reachable = name === LITELLM_CONFIG ? yamlWithLoopback(text) : text;
    await files.write(path, reachable, uid === 0 ? 0o444 : 0o400);
  }
}
