import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Installs uv from PyPI into a folder; gives what to put on the PATH. */
export function installUv(folder: string): string {
  const venv = join(folder, 'uv');
  execFileSync('python3', ['-m', 'venv', venv]);
  const bin = join(venv, 'bin');
  execFileSync(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', 'uv==0.13.9']);
  return bin;
}
