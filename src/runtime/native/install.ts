import { join } from 'node:path';
import { CliError } from '../../errors.ts';
import type { Clock } from '../../io/clock.ts';
import type { Files } from '../../io/files.ts';
import type { Progress } from '../../io/progress.ts';
import type { Command, Runner } from '../../io/runner.ts';
import { folderError, installError } from './install-error.ts';
import { isWhole, readManifest, removeManifest, writeManifest } from './install-manifest.ts';
import {
  compilePackages,
  discardDamaged,
  type Environment,
  environmentIn,
  generateClient,
  installPackages,
  KEY_FILES,
  makeVenv,
  type StepOptions,
} from './install-steps.ts';
import type { LockedRelease } from './locked-release.ts';
import type { NativePaths } from './native-paths.ts';
import { describePython, findInstaller, type Installer, UV_FOLDER, withoutPython } from './python.ts';
import { listPipSettings, uvSettings } from './uv-settings.ts';

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
  /** `--python`. */
  readonly python: string | undefined;
  /** Runs an action while no other process runs one with the same lock file. */
  readonly exclusive: <Result>(lock: string, action: () => Promise<Result>) => Promise<Result>;
}

export const DOWNLOAD = 'about 250 MB to download from PyPI, 900 MB on disk, a minute or two, once for all projects';

/** What no step of it can do with less of. */
const LEAST_KILOBYTES = 10_240;

/** The environment of a release, or undefined when it is not there whole. Root's serves other users too. */
export async function findInstalled(release: LockedRelease, options: Pick<InstallOptions, 'paths' | 'files'>) {
  const { paths, files } = options;
  for (const installs of new Set([paths.installs, paths.sharedInstalls])) {
    const folder = join(installs, release.version);
    if (!(await isWhole(files, folder, release.sha256))) continue;
    const manifest = await readManifest(files, folder);
    if (manifest) return environmentIn(folder, manifest.python.version);
  }
  return undefined;
}

/** Installs what is missing; goes on with what an interrupted run has left, and repairs what is damaged. */
export async function install(
  release: LockedRelease,
  progress: Progress,
  options: InstallOptions,
): Promise<Environment> {
  const { paths, files } = options;
  try {
    await files.makeFolder(paths.installs, 0o755);
    return await options.exclusive(installLock(paths.installs, release.version), async () => {
      return (await findInstalled(release, options)) ?? installNow(release, progress, options);
    });
  } catch (error) {
    throw folderError(paths.installs, error);
  }
}

/** Held by whoever changes the environment of a version. */
export const installLock = (installs: string, version: string): string => join(installs, `${version}.lock`);

async function installNow(release: LockedRelease, progress: Progress, options: InstallOptions): Promise<Environment> {
  const { paths, clock, files, node, programs } = options;
  const began = clock.now();
  const folder = join(paths.installs, release.version);
  const installer = await findInstaller(options.python, options);
  const { python, uv } = installer;
  const environment = environmentIn(folder, python.version);
  await removeManifest(files, folder);
  // One of another Python, or of one that is gone, cannot be gone on with.
  if ((await describePython(environment.python, options))?.version !== python.version) await files.remove(folder);
  const steps: StepOptions = { python: python.executable, lock: release.file, uv, node, programs };
  progress.note(`LiteLLM ${release.version} and PostgreSQL 16 into ${folder}: ${DOWNLOAD}`);
  const env = await installerEnvironment(installer, options);
  const step = async (text: string, command: Command) => {
    progress.phase(text);
    const result = await run(command, { ...options, env }, (line) => progress.detail(line.trim().slice(0, 60)));
    if (result.exitCode !== 0) throw installError(text, result, await isFull(paths.installs, options));
  };
  await step('making a Python environment', makeVenv(environment, steps));
  await step('looking at what is there', discardDamaged(environment, steps));
  await step(`installing packages with ${uv ? 'uv' : 'pip'}`, installPackages(environment, steps));
  await step('generating the database client', generateClient(environment, steps));
  await step('compiling', compilePackages(environment));
  const sizes = Object.fromEntries(await Promise.all(KEY_FILES.map((path) => sizeOf(environment, path, files))));
  const bytes = await sizeOnDisk(folder, options);
  const seconds = Math.round((clock.now() - began) / 1000);
  const installedAt = new Date(clock.now()).toISOString();
  const made = { executable: python.executable, version: python.version };
  const lock = release.sha256;
  await writeManifest(files, folder, { schemaVersion: 1, lock, python: made, sizes, installedAt, seconds, bytes });
  progress.note(`installed in ${seconds} s, ${Math.round(bytes / 1e6)} MB`);
  return environment;
}

/** The user's, with what pip's settings mean for uv. */
async function installerEnvironment(
  { python, uv }: Installer,
  options: InstallOptions,
): Promise<InstallOptions['env']> {
  if (!uv) return options.env;
  const { stdout } = await run(listPipSettings(python.executable), options);
  return { ...options.env, ...uvSettings(stdout, options.env) };
}

async function sizeOf({ folder, site }: Environment, path: string, files: Files): Promise<[string, number]> {
  const full = join(site, path);
  const size = await files.size(full);
  if (size !== undefined) return [full.slice(folder.length + 1), size];
  throw new CliError('install_failed', `the installation lacks ${full}`, {
    hint: 'make it anew: agents-llm native install --force',
    details: { path: full },
  });
}

async function sizeOnDisk(folder: string, options: InstallOptions): Promise<number> {
  const { stdout } = await run({ file: 'du', args: ['-sk', folder] }, options);
  return (Number.parseInt(stdout, 10) || 0) * 1024;
}

/** venv keeps to itself why it failed. */
async function isFull(folder: string, options: InstallOptions): Promise<boolean> {
  const { stdout } = await run({ file: 'df', args: ['-Pk', folder] }, options);
  const free = Number(stdout.trim().split('\n').at(-1)?.split(/\s+/)[3]);
  return free < LEAST_KILOBYTES;
}

async function run(
  command: Command,
  { runner, env, signal }: Pick<InstallOptions, 'runner' | 'env' | 'signal'>,
  onLine?: (line: string) => void,
) {
  const lines: string[] = [];
  const result = await runner.run(command, {
    env: withoutPython(env),
    signal,
    ...(command.file === 'uv' && { cwd: UV_FOLDER }),
    ...(onLine && {
      // Two that fill one folder would spoil it: what we have begun must not go on without us.
      bound: true,
      onLine(line: string) {
        lines.push(line);
        onLine(line);
      },
    }),
  });
  return onLine ? { ...result, stdout: lines.slice(-200).join('\n') } : result;
}
