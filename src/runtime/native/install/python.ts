import type { Command, Runner } from '../../../io/processes/runner.ts';
import { CliError } from '../../../model/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A Python that can run LiteLLM. */
export interface Python {
  /** Its own path, behind all links and shims. */
  readonly executable: string;
  /** `3.11.7` */
  readonly version: string;
  /** Whether it can make a virtual environment with pip inside; Debian puts that into a package of its own. */
  readonly hasVenv: boolean;
}

export interface PythonOptions {
  readonly runner: Runner;
  readonly env: Env;
  readonly signal: AbortSignal;
  /** Whether those who will run it can; whoever installs it can when left out. */
  readonly isUsable?: ((executable: string) => Promise<boolean>) | undefined;
}

/** What an environment is made and filled with. */
export interface Installer {
  readonly python: Python;
  /** Instead of venv and pip, which are several times slower. */
  readonly uv: boolean;
}

const OLDEST = 10;
const NEWEST = 13;
const NAMES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
/** Of the system, when that on root's PATH is in root's home. */
const SYSTEM_PYTHONS = ['/usr/bin/python3', '/usr/local/bin/python3'];
const ASK = `import importlib.util, os, platform, sys
has = lambda name: importlib.util.find_spec(name) is not None
print(os.path.realpath(sys.executable)); print(platform.python_version()); print(has('venv') and has('ensurepip'))`;

/** Without the modules of the folder that we are called in, which would come before Python's own. */
export const isolated = (python: string, args: readonly string[]): Command => ({ file: python, args: ['-I', ...args] });

/** uv obeys the settings of the folder that it is called in, and of all above it. */
export const UV_FOLDER = '/';

/** uv when it is on the PATH, and the Python that is `named`, else the first on the PATH that fits. Throws `python_missing`. */
export async function findInstaller(named: string | undefined, options: PythonOptions): Promise<Installer> {
  const { runner, env, signal } = options;
  const ask: Command = { file: 'uv', args: ['--version'] };
  const { exitCode } = await runner.run(ask, { env, signal, cwd: UV_FOLDER, timeoutMs: 20_000 });
  const uv = exitCode === 0;
  const unfit: string[] = [];
  let [bare, closed]: (Python | undefined)[] = [];
  const names = options.isUsable ? [...NAMES, ...SYSTEM_PYTHONS] : NAMES;
  for (const name of named === undefined ? names : [named]) {
    const python = await describePython(name, options);
    if (!python) continue;
    if (!fits(python.version)) unfit.push(`${name} is ${python.version}`);
    else if (options.isUsable && !(await options.isUsable(python.executable))) closed ??= python;
    else if (uv || python.hasVenv) return { python, uv };
    else bare ??= python;
  }
  if (bare) throw venvMissing(bare);
  throw closed ? closedToOthers(closed) : missing(named, unfit);
}

/** Undefined for what is no Python, or cannot be run. */
export async function describePython(
  name: string,
  { runner, env, signal }: PythonOptions,
): Promise<Python | undefined> {
  const result = await runner.run(isolated(name, ['-c', ASK]), { env: withoutPython(env), signal, timeoutMs: 20_000 });
  const [executable, version, hasVenv] = result.stdout.trim().split(/\r?\n/);
  if (result.exitCode !== 0 || !executable || !version) return undefined;
  return { executable, version, hasVenv: hasVenv === 'True' };
}

const LEADS_AWAY = ['PYTHONHOME', 'PYTHONPATH', 'VIRTUAL_ENV', 'PIP_TARGET', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_USER'];

/** Without what would lead a Python to modules of others, or pip into another folder. Its other settings stay. */
export function withoutPython(env: Env): Env {
  const kept = Object.entries(env).filter(([name]) => !LEADS_AWAY.includes(name));
  return { ...Object.fromEntries(kept), PYTHONNOUSERSITE: '1' };
}

function fits(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && minor !== undefined && minor >= OLDEST && minor <= NEWEST;
}

function missing(named: string | undefined, unfit: readonly string[]): CliError {
  const wanted = `LiteLLM needs Python 3.${OLDEST} to 3.${NEWEST}`;
  const what = named === undefined ? 'there is none on the PATH' : `${named} is none, or cannot be run`;
  return new CliError('python_missing', `${wanted}, and ${unfit.length > 0 ? unfit.join(', ') : what}`, {
    hint: `install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13)
or name it: --python /path/to/python3.12`,
    details: { found: unfit, named: named ?? null },
  });
}

/** Of root's native stack. */
function closedToOthers({ executable, version }: Python): CliError {
  return new CliError('python_missing', `LiteLLM does not run as root, and no other user can run ${executable}`, {
    hint: `Install a Python that every user can run (Debian, Ubuntu: apt-get install python3 python3-venv)
or name one: --python /usr/bin/python3`,
    details: { executable, version },
  });
}

function venvMissing({ executable, version }: Python): CliError {
  const minor = version.split('.').slice(0, 2).join('.');
  return new CliError('python_missing', `${executable} cannot make virtual environments: it has no ensurepip`, {
    hint: `Debian and Ubuntu have it in a package of its own: apt-get install python${minor}-venv
or install uv, which needs none`,
    details: { executable, version },
  });
}
