import { dirname, join, posix, relative, sep } from 'node:path';
import { followLink } from '../../io/files/byte-file.ts';
import type { Files } from '../../io/files/files.ts';
import { MOST_TEXT, readProblem } from '../../io/files/regular-file.ts';
import { CliError } from '../../model/errors.ts';
import { LITELLM_CONFIG, LITELLM_FOLDER } from '../../model/litellm-files.ts';
import { findSecret } from '../config/config-secrets.ts';

export interface NamedFiles {
  /** The configuration with the paths that its files will have in the gateway. */
  readonly value: unknown;
  /** The texts of the files, by path relative to the folder of the configuration. */
  readonly texts: ReadonlyMap<string, string>;
}

interface Place {
  readonly files: Pick<Files, 'read' | 'owner'>;
  readonly folder: string;
  /** The path of the configuration for error messages. */
  readonly shown: string;
}

const MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;
const PATH = /^(\.\/)?[\w@+-][\w.@+-]*(\/[\w@+-][\w.@+-]*)*\.[A-Za-z0-9]+$/;

/** The files that a configuration names: Python modules such as `guard.Guard`, and certificates such as `./ca.pem`. */
export async function namedFiles(value: unknown, place: Place): Promise<NamedFiles> {
  const texts = new Map<string, string>();
  const changed = await walk(value, place, texts);
  for (const name of [...texts.keys()]) await importsOf(name, place, texts);
  return { value: changed, texts };
}

async function walk(value: unknown, place: Place, texts: Map<string, string>): Promise<unknown> {
  if (typeof value === 'string') return named(value, place, texts);
  if (Array.isArray(value)) {
    const all: unknown[] = [];
    for (const inner of value) all.push(await walk(inner, place, texts));
    return all;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) entries.push([name, await walk(inner, place, texts)]);
  return Object.fromEntries(entries);
}

async function named(value: string, place: Place, texts: Map<string, string>): Promise<string> {
  if (MODULE.test(value)) {
    const name = `${value.split('.').slice(0, -1).join('/')}.py`;
    await take(name, place, texts);
    return value;
  }
  if (!PATH.test(value) || value.includes('..')) return value;
  const name = posix.normalize(value);
  return (await take(name, place, texts)) ? `${LITELLM_FOLDER}/${name}` : value;
}

/** False if there is no such file. */
async function take(name: string, place: Place, texts: Map<string, string>): Promise<boolean> {
  if (texts.has(name)) return true;
  const path = join(place.folder, name);
  if (name === LITELLM_CONFIG || name.endsWith('.env')) return false;
  const exists = await place.files.owner(path).catch(() => undefined);
  if (exists === undefined) return false;
  await requireInside(path, name, place);
  const text = await place.files.read(path, MOST_TEXT).catch((error: unknown) => {
    const why = readProblem(error);
    // A text with a dot may be the name of a folder by chance.
    if (why === 'EISDIR') return undefined;
    throw unusable(place, name, `it cannot be read (${why})`);
  });
  if (text === undefined) return false;
  if (text.includes('\uFFFD')) throw unusable(place, name, 'it is not text in UTF-8');
  if (findSecret(text) !== undefined)
    throw unusable(place, name, 'it contains a secret, which must come from a variable');
  texts.set(name, text);
  return true;
}

async function requireInside(path: string, name: string, place: Place): Promise<void> {
  const [real, folder] = await Promise.all([followLink(path), followLink(place.folder)]);
  const steps = relative(folder, real);
  if (steps.startsWith(`..${sep}`) || steps === '..')
    throw unusable(place, name, 'it is a link that leads out of its folder');
}

const unusable = ({ shown }: Place, name: string, why: string) =>
  new CliError('config_invalid', `${shown} names the file ${name}, but ${why}`, {
    hint: 'Correct the file, then check what it would do: agents-llm apply --dry-run',
    details: { file: shown, named: name },
  });

/** Adds the modules that a module imports from its own folder or from that of the configuration. */
async function importsOf(name: string, place: Place, texts: Map<string, string>): Promise<void> {
  if (!name.endsWith('.py')) return;
  const lines = (texts.get(name) ?? '').matchAll(/^[ \t]{0,80}(?:import|from)[ \t]+([A-Za-z_][\w.]{0,200})/gm);
  for (const [, module = ''] of lines) {
    const candidate = `${module.replaceAll('.', '/')}.py`;
    for (const other of new Set([candidate, posix.join(dirname(name), candidate)])) {
      if (texts.has(other) || !(await take(other, place, texts))) continue;
      await importsOf(other, place, texts);
    }
  }
}
