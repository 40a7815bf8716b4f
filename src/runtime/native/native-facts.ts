import type { Files } from '../../io/files/files.ts';
import type { NativeFacts } from '../runtime.ts';
import { readManifest } from './install/install-manifest.ts';
import type { Environment } from './install/install-steps.ts';
import { findInstaller } from './install/python.ts';
import { type PreflightOptions, requireUsableSystem } from './native-preflight.ts';
import { requireUsableData } from './postgres/data-folder.ts';
import { databaseUser } from './postgres/database-user.ts';

export interface NativeFactsOptions extends PreflightOptions {
  readonly files: Files;
  readonly uid: number | undefined;
  /** PostgreSQL's data directory. */
  readonly data: string;
  /** The installation of the release in use; undefined if it is incomplete. */
  readonly installed: () => Promise<Environment | undefined>;
}

export function nativeFacts(options: NativeFactsOptions): NativeFacts {
  const { files, data, uid } = options;
  return {
    kind: 'native',
    async python() {
      requireUsableSystem(options);
      const installed = await options.installed();
      const python = installed && (await readManifest(files, installed.folder))?.python;
      return python ?? (await findInstaller(options.python, options)).python;
    },
    async dataFolder() {
      if (!(await requireUsableData(data, files, await databaseUser(options, uid)))) return undefined;
      return { path: data, mode: (await files.mode(data)) ?? 0 };
    },
  };
}
