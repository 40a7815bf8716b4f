// The native installation with empty caches, against pip with the same lock file.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pair } from './measure.js';

/** @typedef {import('./measure.js').CommandLine} CommandLine */
/** @typedef {import('./measure.js').Row} Row */

export const LOCK = 'litellm-1.108.11.txt';
const NOBODY = '65534';
export const PYTHON = '/usr/bin/python3';

/** Root's installation belongs to the whole machine. @type {(...line: string[]) => CommandLine} */
export function asUser(...line) {
  const [file = '', ...args] = line;
  if (process.getuid?.() !== 0) return { file, args };
  return { file: 'setpriv', args: ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', ...line] };
}

/** @param {string} folder */
export function ownedByUser(folder) {
  if (process.getuid?.() !== 0) return;
  execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, folder]);
}

/**
 * @param {{ bin: string, env: NodeJS.ProcessEnv, runs?: number }} options
 * @returns {Promise<Row[]>}
 */
export async function installRows({ bin, env, runs = 2 }) {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-bench-install-'));
  const [made, locks, copy] = ['made', 'locks', 'package'].map((name) => join(folder, name));
  if (!made || !locks || !copy) throw new Error('no folder');
  try {
    cpSync(dirname(dirname(bin)), copy, { recursive: true });
    cpSync(join(copy, 'templates', 'native'), locks, { recursive: true });
    // By another lock file than the package's own nothing that this machine may have installed is taken for it.
    appendFileSync(join(locks, LOCK), '# Another one.\n');
    if (process.getuid?.() === 0) chownSync(folder, Number(NOBODY), Number(NOBODY));
    const empty = { ...env, HOME: made, XDG_CACHE_HOME: join(made, 'cache'), PIP_NO_CACHE_DIR: '1' };
    const settings = { ...empty, AGENTS_LLM_HOME: join(made, 'home'), AGENTS_LLM_NATIVE_LOCKS: locks };
    const before = () => {
      rmSync(made, { recursive: true, force: true });
      mkdirSync(made);
      if (process.getuid?.() === 0) chownSync(made, Number(NOBODY), Number(NOBODY));
    };
    const ours = asUser(process.execPath, join(copy, 'bin', 'agents-llm.js'), 'native', 'install', '--python', PYTHON);
    const venv = join(made, 'venv');
    const install = `'${venv}/bin/pip' install -q --require-hashes --no-deps -r '${join(locks, LOCK)}'`;
    const pip = asUser('sh', '-c', `${PYTHON} -m venv '${venv}' && ${install}`);
    const against = { name: '`python3 -m venv`, `pip install`', command: pip };
    const how = { before, target: '0.3', limit: 0.3, env: settings };
    return [await pair('`native install`, empty caches', runs, ours, against, how)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
