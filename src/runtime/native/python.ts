import { CliError } from '../../errors.ts';
import type { Command, Runner } from '../../io/runner.ts';

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
}

const OLDEST = 10;
const NEWEST = 13;
const NAMES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const ASK = `import importlib.util, os, platform, sys
has = lambda name: importlib.util.find_spec(name) is not None
print(os.path.realpath(sys.executable)); print(platform.python_version()); print(has('venv') and has('ensurepip'))`;

const ask = (file: string): Command => ({ file, args: ['-c', ASK] });

/** `named` when that is given, else the first on the PATH that fits. Throws `python_missing`. */
export async function findPython(named: string | undefined, options: PythonOptions): Promise<Python> {
  const unfit: string[] = [];
  for (const name of named === undefined ? NAMES : [named]) {
    const python = await describePython(name, options);
    if (!python) continue;
    if (fits(python.version)) return python;
    unfit.push(`${name} is ${python.version}`);
  }
  throw missing(named, unfit);
}

async function describePython(name: string, { runner, env, signal }: PythonOptions): Promise<Python | undefined> {
  const result = await runner.run(ask(name), { env: withoutPython(env), signal, timeoutMs: 20_000 });
  const [executable, version, hasVenv] = result.stdout.trim().split(/\r?\n/);
  if (result.exitCode !== 0 || !executable || !version) return undefined;
  return { executable, version, hasVenv: hasVenv === 'True' };
}

/** What would lead a Python to modules of others. pip's own settings stay. */
export function withoutPython(env: Env): Env {
  const { PYTHONHOME: _, PYTHONPATH: __, VIRTUAL_ENV: ___, PIP_TARGET: ____, PIP_USER: _____, ...rest } = env;
  return { ...rest, PYTHONNOUSERSITE: '1' };
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
