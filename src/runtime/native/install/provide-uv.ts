import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import type { Command } from '../../../io/processes/runner.ts';
import type { Progress } from '../../../io/terminal/progress.ts';
import { installError } from './install-error.ts';
import { type Environment, uvFolder } from './install-steps.ts';
import { withPublicCertificates } from './installer-network.ts';
import { isolated, type Python, type PythonOptions, UV_FOLDER, venvMissing } from './python.ts';
import { isFull, runInstaller } from './run-installer.ts';
import { UV_VERSION, type UvWheel, uvWheel } from './uv-wheel.ts';

export interface ProvideUvOptions extends PythonOptions {
  readonly files: Files;
  readonly programs: string;
  readonly progress: Progress;
}

/** The exit code of `get_uv.py` if uv is not available, so that pip may be used instead. */
const NOT_AVAILABLE = 3;
const STEP = `Downloading uv ${UV_VERSION}`;

/**
 * Downloads uv into the environment that is being created; undefined if it is not available, so that pip must be used. Throws if
 * the index cannot be reached or returns another file than the locked one. `options.env` is the environment for uv.
 */
export async function provideUv(
  python: Python,
  environment: Environment,
  options: ProvideUvOptions,
): Promise<string | undefined> {
  const wheel = uvWheel(python.platform);
  const folder = join(uvFolder(environment), 'bin');
  const why = wheel ? await downloadUv(wheel, python, folder, options) : noWheelFor(python);
  const uv = join(folder, 'uv');
  if (why === undefined && (await canRun(uv, options))) return uv;
  const reason = why ?? `uv ${UV_VERSION} cannot be run here`;
  if (!python.hasVenv) throw venvMissing(python, reason);
  options.progress.note(`${reason}, so pip installs the packages, which takes longer`);
  return undefined;
}

const noWheelFor = ({ platform }: Python) => `There is no uv for ${platform || 'this platform'}`;

/** Returns why uv is not available; undefined if it was downloaded. */
async function downloadUv(
  wheel: UvWheel,
  python: Python,
  folder: string,
  options: ProvideUvOptions,
): Promise<string | undefined> {
  const { env, files, programs, progress } = options;
  // Remains of an earlier run must not be executed.
  await files.remove(folder);
  await files.makeOwnFolder(folder);
  const roots = join(folder, 'roots.pem');
  await files.write(roots, await withPublicCertificates([env.NODE_EXTRA_CA_CERTS], files), 0o600);
  progress.phase(`${STEP} (${Math.round(wheel.bytes / 1e6)} MB)`);
  const get = getUvCommand(python, programs, [wheel.file, wheel.sha256, folder, roots]);
  const result = await runInstaller(get, options, (line) => progress.detail(line));
  if (result.exitCode === 0) return undefined;
  if (result.exitCode !== NOT_AVAILABLE) throw installError(STEP, result, await isFull(folder, options));
  const reason = result.stdout.trim().split('\n').at(-1);
  return `uv ${UV_VERSION} cannot be downloaded (${reason})`;
}

const getUvCommand = ({ executable }: Python, programs: string, args: readonly string[]): Command =>
  isolated(executable, [join(programs, 'get_uv.py'), ...args]);

/** False if programs cannot be run in its folder, or if it needs another libc. */
async function canRun(uv: string, { runner, env, signal }: ProvideUvOptions): Promise<boolean> {
  const ask: Command = { file: uv, args: ['--version'] };
  const { exitCode } = await runner.run(ask, { env, signal, cwd: UV_FOLDER, timeoutMs: 20_000 });
  return exitCode === 0;
}
