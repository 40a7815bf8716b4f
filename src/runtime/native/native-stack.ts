import type { Daemons } from '../../io/processes/daemons.ts';
import type { ProjectPaths } from '../../model/paths.ts';
import { PROXY } from '../../model/service.ts';
import type { Machine } from '../responder.ts';
import { nativePaths } from './folders/native-paths.ts';
import type * as Install from './install/install.ts';
import type { InstallOptions } from './install/install.ts';
import type { Environment } from './install/install-steps.ts';
import { lockedRelease, NATIVE_DEFAULTS } from './install/locked-release.ts';
import type * as Preflight from './native-preflight.ts';
import { readRecord } from './supervisor/service-record.ts';
import { serviceStates } from './supervisor/service-states.ts';

export interface NativeMachine extends Machine {
  /** Whether this Node was built for musl, which PyPI's PostgreSQL is not. */
  readonly isMusl: () => boolean;
  /** This Node's own path. */
  readonly node: string;
  readonly daemons: Daemons;
}

export interface NativeRuntimeOptions {
  readonly machine: NativeMachine;
  readonly paths: ProjectPaths;
  /** Our own programs, as they come with the package. */
  readonly programs: string;
  /** Folders with lock files. */
  readonly locks: readonly string[];
  readonly python: string | undefined;
  /** Whether the user who will run a Python can run it. */
  readonly isUsable?: InstallOptions['isUsable'];
  readonly signal: AbortSignal;
  readonly exclusive: InstallOptions['exclusive'];
}

export type NativeStack = ReturnType<typeof nativeStack>;

/** What the functions of the native runtime share: the stack's paths, what is installed, and what runs. */
export function nativeStack(options: NativeRuntimeOptions) {
  const { machine, locks, signal } = options;
  const { files, processes, clock } = machine;
  const given = { ...machine, ...options };
  const paths = nativePaths(options.paths, machine.uid);
  const installOptions: InstallOptions = { ...given, paths };
  const findInstalled = async (...asked: Parameters<typeof Install.findInstalled>) =>
    (await import('./install/install.ts')).findInstalled(...asked);
  const requireInstalled = async (...found: Parameters<typeof Preflight.requireInstalled>) =>
    (await import('./native-preflight.ts')).requireInstalled(...found);
  const release = (image: string) => lockedRelease(image, locks, files);
  return {
    given,
    paths,
    installOptions,
    release,
    services: () => serviceStates({ folder: paths.folder, data: paths.data, files, processes }),
    stopOptions: { folder: paths.folder, files, processes, clock, signal },
    installed: async (image: string) => findInstalled(await release(image), installOptions),
    /** For PostgreSQL's tools, which do not need a Python that other users can run. */
    async environmentForTools(image: string): Promise<Environment> {
      const { version } = await release(image);
      return requireInstalled(image, await findInstalled({ version }, { paths, files }));
    },
    /** For a start. `up` has installed what the lock file names; other commands that start a stack install nothing. */
    async environmentForStart(image: string): Promise<Environment> {
      const { version, ...locked } = await release(image);
      const exact = await findInstalled({ version, ...locked }, installOptions);
      return requireInstalled(image, exact ?? (await findInstalled({ version }, installOptions)));
    },
    /** The release of what runs, whose tools fit the database. */
    async usedImage(): Promise<string> {
      return (await readRecord(files, paths.folder, PROXY))?.image ?? NATIVE_DEFAULTS.image;
    },
  };
}
