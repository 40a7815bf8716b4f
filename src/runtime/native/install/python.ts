import type { Command, Runner } from '../../../io/processes/runner.ts';
import { CliError } from '../../../model/errors.ts';
import { isRecentUv, uvWheel } from './uv-wheel.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A Python that can run LiteLLM. */
export interface Python {
  /** Its real path, without links and shims. */
  readonly executable: string;
  /** `3.11.7` */
  readonly version: string;
  /** Whether it can create a virtual environment with pip; on Debian, that is a separate package. */
  readonly hasVenv: boolean;
  /** Its platform, such as `linux-x86_64`, `linux-aarch64-musl` or `darwin-arm64`. */
  readonly platform: string;
}

export interface PythonOptions {
  readonly runner: Runner;
  readonly env: Env;
  readonly signal: AbortSignal;
  /** Whether the user who will run a Python can run it; not checked if undefined. */
  readonly isUsable?: ((executable: string) => Promise<boolean>) | undefined;
}

/** What an environment is created with. */
export interface Installer {
  readonly python: Python;
  /** Whether the uv on the PATH is recent enough to be used. */
  readonly hasUv: boolean;
}

const OLDEST = 10;
const NEWEST = 13;
const NAMES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
/** Python of the system, in case the one on root's PATH is in root's home. */
const SYSTEM_PYTHONS = ['/usr/bin/python3', '/usr/local/bin/python3'];
const DESCRIBE = `import importlib.util, os, platform, sys
has = lambda *names: all(importlib.util.find_spec(name) is not None for name in names)
print(os.path.realpath(sys.executable)); print(platform.python_version()); print(has('venv', 'ensurepip'))
libc = '' if sys.platform != 'linux' or os.confstr_names.get('CS_GNU_LIBC_VERSION') and os.confstr('CS_GNU_LIBC_VERSION') else '-musl'
print(f'{sys.platform}-{platform.machine()}{libc}'); print(has('asyncio', 'html', 'ssl', 'zipfile'))`;

/** Runs Python without the modules in the current folder, which would take precedence over its own. */
export const isolated = (python: string, args: readonly string[]): Command => ({ file: python, args: ['-I', ...args] });

/** Where uv is started, because it reads settings from the current folder and all above it. */
export const UV_FOLDER = '/';

/** The Python that is `named`, otherwise the first suitable one on the PATH. Throws `python_missing`. */
export async function findInstaller(named: string | undefined, options: PythonOptions): Promise<Installer> {
  const hasUv = await hasRecentUv(options);
  const unfit: string[] = [];
  let [withoutInstaller, closed]: (Python | undefined)[] = [];
  const names = options.isUsable ? [...NAMES, ...SYSTEM_PYTHONS] : NAMES;
  for (const name of named === undefined ? names : [named]) {
    const python = await inspectPython(name, options);
    if (!python) continue;
    if (!isSupported(python.version)) unfit.push(`${name} is ${python.version}`);
    else if (!python.isWhole) unfit.push(`${name} has only a part of Python's standard library`);
    else if (options.isUsable && !(await options.isUsable(python.executable))) closed ??= python;
    else if (hasUv || python.hasVenv || uvWheel(python.platform)) return { python: described(python), hasUv };
    else withoutInstaller ??= python;
  }
  if (withoutInstaller) throw venvMissing(withoutInstaller, `uv is not available for ${withoutInstaller.platform}`);
  throw closed ? closedToOthers(closed) : missing(named, unfit);
}

async function hasRecentUv({ runner, env, signal }: PythonOptions): Promise<boolean> {
  const ask: Command = { file: 'uv', args: ['--version'] };
  const { exitCode, stdout } = await runner.run(ask, { env, signal, cwd: UV_FOLDER, timeoutMs: 20_000 });
  return exitCode === 0 && isRecentUv(stdout);
}

interface InspectedPython extends Python {
  /** False for Debian's `python3-minimal`. */
  readonly isWhole: boolean;
}

const described = ({ isWhole: _, ...python }: InspectedPython): Python => python;

/** Undefined if it is not a Python or cannot be run. */
export async function describePython(name: string, options: PythonOptions): Promise<Python | undefined> {
  const inspected = await inspectPython(name, options);
  return inspected && described(inspected);
}

async function inspectPython(
  name: string,
  { runner, env, signal }: PythonOptions,
): Promise<InspectedPython | undefined> {
  const result = await runner.run(isolated(name, ['-c', DESCRIBE]), {
    env: withoutPython(env),
    signal,
    timeoutMs: 20_000,
  });
  const [executable, version, hasVenv, platform = '', isWhole] = result.stdout.trim().split(/\r?\n/);
  if (result.exitCode !== 0 || !executable || !version) return undefined;
  return { executable, version, hasVenv: hasVenv === 'True', platform, isWhole: isWhole !== 'False' };
}

const MISLEADING = ['PYTHONHOME', 'PYTHONPATH', 'VIRTUAL_ENV', 'PIP_TARGET', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_USER'];

/** Removes variables that would make Python load other modules, or make pip install into another folder. */
export function withoutPython(env: Env): Env {
  const kept = Object.entries(env).filter(([name]) => !MISLEADING.includes(name));
  return { ...Object.fromEntries(kept), PYTHONNOUSERSITE: '1' };
}

function isSupported(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && minor !== undefined && minor >= OLDEST && minor <= NEWEST;
}

function missing(named: string | undefined, unfit: readonly string[]): CliError {
  const requirement = `LiteLLM needs Python 3.${OLDEST} to 3.${NEWEST}`;
  const reason = named === undefined ? 'no Python is on the PATH' : `${named} cannot be run as a Python`;
  return new CliError('python_missing', `${requirement}, but ${unfit.length > 0 ? unfit.join(', ') : reason}`, {
    hint: `Install one (Debian, Ubuntu: apt-get install python3; macOS: brew install python@3.13)
Or name one: --python /path/to/python3.12`,
    details: { found: unfit, named: named ?? null },
  });
}

/** The error if only root can run a Python. */
function closedToOthers({ executable, version }: Python): CliError {
  return new CliError('python_missing', `LiteLLM does not run as root, but no other user can run ${executable}`, {
    hint: `Install a Python that every user can run (Debian, Ubuntu: apt-get install python3)
Or name one: --python /usr/bin/python3`,
    details: { executable, version },
  });
}

/** The error if neither uv nor pip is available. */
export function venvMissing({ executable, version }: Pick<Python, 'executable' | 'version'>, why: string): CliError {
  const minor = version.split('.').slice(0, 2).join('.');
  return new CliError('python_missing', `${why}, and ${executable} has no ensurepip to install pip with`, {
    hint: `Install uv so that it is on the PATH
Or install pip's part of Python (Debian, Ubuntu): apt-get install python${minor}-venv`,
    details: { executable, version },
  });
}
