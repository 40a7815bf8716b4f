import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

/** A package from a registry, installed once and kept for later runs; or why there is none. */
export type RealProgram =
  | { readonly folder: string; readonly missing: undefined }
  | { readonly folder: undefined; readonly missing: string };

const run = promisify(execFile);
const INSTALL_MS = 5 * 60_000;

/** Several hundred megabytes for an agent, so it outlives the run. */
const CACHE =
  process.env.AGENTS_LLM_TEST_CACHE ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'agents-llm-tests');

/** One package in a folder of its own, with its programs in `node_modules/.bin`. */
export function fromNpm(name: string, version: string): Promise<RealProgram> {
  const install = (folder: string) => ['npm', 'install', '--prefix', folder, ...QUIET, `${name}@${version}`];
  return installOnce(join('npm', `${name.replace('/', '+')}@${version}`), (folder) => [install(folder)]);
}

const QUIET = ['--no-audit', '--no-fund', '--loglevel', 'error'];

/** Packages such as `openai==2.3.0` in a virtual environment, whose Python is `bin/python`. */
export function fromPypi(...requirements: readonly string[]): Promise<RealProgram> {
  return installOnce(join('pypi', requirements.join('+')), (folder) => [
    ['python3', '-m', 'venv', folder],
    [join(folder, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements],
  ]);
}

async function installOnce(name: string, commands: (folder: string) => readonly (readonly string[])[]) {
  const folder = join(CACHE, name);
  const done = join(folder, 'installed');
  if (existsSync(done)) return { folder, missing: undefined };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  try {
    for (const [file = '', ...args] of commands(folder)) await run(file, args, { timeout: INSTALL_MS });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { folder: undefined, missing: `${name} cannot be installed: ${reasonOf(error)}` };
  }
  mkdirSync(done);
  return { folder, missing: undefined };
}

/** The last line that a command wrote; npm ends with where its log is. */
function reasonOf(error: unknown): string {
  const { stderr = '', killed, message } = error as { stderr?: string; killed?: boolean; message: string };
  if (killed) return `no end within ${INSTALL_MS / 60_000} minutes`;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.includes('A complete log of this run'));
  return (lines.at(-1) ?? message).slice(0, 200);
}
