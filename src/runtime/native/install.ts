import { join } from 'node:path';
import { CliError } from '../../errors.ts';
import type { Clock } from '../../io/clock.ts';
import type { Files } from '../../io/files.ts';
import type { Progress } from '../../io/progress.ts';
import type { Command, Runner } from '../../io/runner.ts';
import { installError } from './install-error.ts';
import { isWhole, readManifest, writeManifest } from './install-manifest.ts';
import {
  compilePackages,
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
import { findPython, type Python, withoutPython } from './python.ts';

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

export const DOWNLOAD = 'about 250 MB to download from PyPI, 850 MB on disk, once for all projects';

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

/** Installs what is missing; goes on with what an interrupted run has left. */
export async function install(
  release: LockedRelease,
  progress: Progress,
  options: InstallOptions,
): Promise<Environment> {
  const { paths, files } = options;
  await files.makeFolder(paths.installs, 0o755);
  return options.exclusive(join(paths.installs, `${release.version}.lock`), async () => {
    return (await findInstalled(release, options)) ?? installNow(release, progress, options);
  });
}

async function installNow(release: LockedRelease, progress: Progress, options: InstallOptions): Promise<Environment> {
  const { paths, clock, files, node, programs } = options;
  const began = clock.now();
  const folder = join(paths.installs, release.version);
  const python = await findPython(options.python, options);
  const uv = (await run({ file: 'uv', args: ['--version'] }, options)).exitCode === 0;
  if (!uv && !python.hasVenv) throw venvMissing(python);
  // Another Python than before would be mixed with what is there.
  const environment = environmentIn(folder, python.version);
  if ((await files.size(environment.site)) === undefined) await files.remove(folder);
  const steps: StepOptions = { python: python.executable, lock: release.file, uv, node, programs };
  progress.note(`LiteLLM ${release.version} and PostgreSQL 16 into ${folder}: ${DOWNLOAD}`);
  const step = async (text: string, command: Command) => {
    progress.phase(text);
    const result = await run(command, options, (line) => progress.detail(line.trim().slice(0, 60)));
    if (result.exitCode !== 0) throw installError(text, result);
  };
  await step('making a Python environment', makeVenv(environment, steps));
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

async function run(
  command: Command,
  { runner, env, signal }: Pick<InstallOptions, 'runner' | 'env' | 'signal'>,
  onLine?: (line: string) => void,
) {
  const lines: string[] = [];
  const result = await runner.run(command, {
    env: withoutPython(env),
    signal,
    ...(onLine && {
      onLine(line: string) {
        lines.push(line);
        onLine(line);
      },
    }),
  });
  return onLine ? { ...result, stdout: lines.slice(-200).join('\n') } : result;
}

function venvMissing({ executable, version }: Python): CliError {
  const minor = version.split('.').slice(0, 2).join('.');
  return new CliError('python_missing', `${executable} cannot make virtual environments: it has no ensurepip`, {
    hint: `Debian and Ubuntu have it in a package of its own: apt-get install python${minor}-venv
or install uv, which needs none`,
    details: { executable, version },
  });
}
