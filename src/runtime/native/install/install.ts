import { join } from 'node:path';
import type { Clock } from '../../../io/clock.ts';
import type { Files } from '../../../io/files/files.ts';
import type { Runner } from '../../../io/processes/runner.ts';
import type { Progress } from '../../../io/terminal/progress.ts';
import { CliError } from '../../../model/errors.ts';
import type { GatewayVariable } from '../../../model/gateway-environment.ts';
import type { NativePaths } from '../folders/native-paths.ts';
import { makeSharedFolder } from '../folders/shared-folder.ts';
import { fillEnvironment } from './fill-environment.ts';
import { folderError } from './install-error.ts';
import { isComplete, readManifest, removeManifest, writeManifest } from './install-manifest.ts';
import { type Environment, environmentIn, KEY_FILES, uvFolder } from './install-steps.ts';
import { DOWNLOAD, type LockedRelease } from './locked-release.ts';
import { describePython, findInstaller, type PythonOptions } from './python.ts';
import { requireWholeLock } from './require-whole-lock.ts';
import { sizeOnDisk } from './run-installer.ts';

export interface InstallOptions {
  readonly paths: Pick<NativePaths, 'installs' | 'sharedInstalls'>;
  readonly files: Files;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** This Node's own path. */
  readonly node: string;
  readonly programs: string;
  /** See `fillEnvironment`. */
  readonly variables?: readonly GatewayVariable[];
  /** The value of `--python`. */
  readonly python: string | undefined;
  readonly isUsable?: PythonOptions['isUsable'];
  /** Runs an action while no other process runs one with the same lock file. */
  readonly exclusive: <Result>(lock: string, action: () => Promise<Result>) => Promise<Result>;
}

type Wanted = Pick<LockedRelease, 'version'> & { readonly sha256?: string | undefined };

/**
 * The complete environment of a release, if there is one. Other users can use the one that root installed. Without `sha256`, the
 * environment may be installed from any lock file.
 */
export async function findInstalled(release: Wanted, options: Pick<InstallOptions, 'paths' | 'files' | 'isUsable'>) {
  const { installs, sharedInstalls } = options.paths;
  for (const folder of new Set([installs, sharedInstalls])) {
    const environment = await findIn(folder, release, options);
    if (environment) return environment;
  }
  return undefined;
}

async function findIn(installs: string, release: Wanted, options: Parameters<typeof findInstalled>[1]) {
  const { paths, files, isUsable } = options;
  const folder = join(installs, release.version);
  if (!(await isComplete(files, folder, release.sha256))) return undefined;
  const manifest = await readManifest(files, folder);
  if (!manifest) return undefined;
  const environment = environmentIn(folder, manifest.python.version);
  // Checked first, because a program that others could have placed there must not be run.
  if (!(await isOurs(environment, files))) return undefined;
  if (isUsable && !(await isUsable(manifest.python.executable))) return undefined;
  return installs !== paths.sharedInstalls || (await isReadableByOthers(environment, files)) ? environment : undefined;
}

/** False if others could write to it, as with a umask of 000, because its content may be theirs. */
async function isOurs(environment: Environment, files: Pick<Files, 'mode' | 'requireOwnFolder'>) {
  const { folder, bin, site } = environment;
  try {
    for (const path of [folder, bin, site, uvFolder(environment)]) await files.requireOwnFolder(path);
  } catch (error) {
    if (error instanceof CliError) return false;
    throw error;
  }
  const modes = await Promise.all(KEY_FILES.map((path) => files.mode(join(site, path)).catch(() => undefined)));
  return modes.every((mode) => mode === undefined || (mode & 0o002) === 0);
}

/** False if an earlier run with a narrow umask made it unreadable for the user that PostgreSQL runs as. */
async function isReadableByOthers({ postgresBin }: Environment, files: Pick<Files, 'mode'>): Promise<boolean> {
  const mode = await files.mode(join(postgresBin, 'postgres')).catch(() => undefined);
  return mode !== undefined && (mode & 0o004) !== 0;
}

/**
 * Installs a release for this user, even if root has installed it. Continues an interrupted installation and repairs a damaged
 * one.
 */
export async function install(
  release: LockedRelease,
  progress: Progress,
  options: InstallOptions,
): Promise<Environment> {
  const { paths, files } = options;
  await requireWholeLock(release, files);
  try {
    if (isShared(paths)) await makeSharedFolder(paths.installs, 0o755, files);
    else await files.makeOwnFolder(paths.installs);
    return await options.exclusive(installLock(paths.installs, release.version), async () => {
      return (await findIn(paths.installs, release, options)) ?? installNow(release, progress, options);
    });
  } catch (error) {
    throw folderError(paths.installs, error);
  }
}

const isShared = ({ installs, sharedInstalls }: InstallOptions['paths']): boolean => installs === sharedInstalls;

/** The lock that protects the environment of a version from simultaneous changes. */
export const installLock = (installs: string, version: string): string => join(installs, `${version}.lock`);

async function installNow(release: LockedRelease, progress: Progress, options: InstallOptions): Promise<Environment> {
  const { paths, clock, files } = options;
  const began = clock.now();
  const folder = join(paths.installs, release.version);
  const { python, hasUv } = await findInstaller(options.python, options);
  const environment = environmentIn(folder, python.version);
  await removeManifest(files, folder);
  if (!(await isOurs(environment, files))) {
    progress.note(`Other users could write to ${folder}, so it is installed again from the beginning`);
    await files.remove(folder);
  }
  // An environment of another Python, or of one that no longer exists, cannot be reused.
  const previous = await describePython(environment.python, options);
  const hasRemains = previous?.version === python.version && previous.executable === python.executable;
  if (!hasRemains) await files.remove(folder);
  progress.note(`Installing LiteLLM ${release.version} and PostgreSQL 16 to ${folder} (${DOWNLOAD})`);
  const installer = { python, hasUv, hasRemains };
  const lock = release.file;
  await fillEnvironment(environment, installer, { ...options, lock, progress, isShared: isShared(paths) });
  const sizes = Object.fromEntries(await Promise.all(KEY_FILES.map((path) => sizeOf(environment, path, files))));
  const bytes = await sizeOnDisk(folder, options);
  const seconds = Math.round((clock.now() - began) / 1000);
  const installedAt = new Date(clock.now()).toISOString();
  const usedPython = { executable: python.executable, version: python.version };
  const details = { lock: release.sha256, python: usedPython, sizes, installedAt, seconds, bytes };
  await writeManifest(files, folder, { schemaVersion: 1, ...details });
  progress.note(`Installed in ${seconds} s (${Math.round(bytes / 1e6)} MB)`);
  return environment;
}

async function sizeOf({ folder, site }: Environment, path: string, files: Files): Promise<[string, number]> {
  const full = join(site, path);
  const size = await files.size(full);
  if (size !== undefined) return [full.slice(folder.length + 1), size];
  throw new CliError('install_failed', `The installation has no ${full}`, {
    hint: 'Install it again: agents-llm native install --force',
    details: { path: full },
  });
}
