import { relative, resolve, sep } from 'node:path';
import type { Files } from '../../io/files/files.ts';
import { MOST_TEXT } from '../../io/files/regular-file.ts';
import { variableProblem } from '../../model/owned-variables.ts';
import { parseEnvFile } from '../../text/env-file.ts';
import { isRecord } from '../../text/json.ts';
import type { ConfigFields } from '../config/config-schema.ts';
import { isSecretVariable } from '../config/config-secrets.ts';
import type { ComposeService, Mount } from './compose-service.ts';
import type { Path, Recorder } from './import-report.ts';

type Entry = NonNullable<ConfigFields['env']>[string];

/** What a Compose file gives LiteLLM as its environment. */
export interface ComposeEnvironment {
  /** Its plain variables. */
  readonly plain: ReadonlyMap<string, string>;
  /** All that the gateway can have, in the words of `env:`. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Where each is in the Compose file. */
  readonly paths: ReadonlyMap<string, Path>;
}

interface Given {
  readonly name: string;
  /** Undefined where it is passed on from the user's environment. */
  readonly value: string | undefined;
  readonly path: Path;
}

interface Place {
  readonly files: Pick<Files, 'read'>;
  /** Of the Compose file. */
  readonly folder: string;
  /** Of agents-llm.yaml. */
  readonly target: string;
  readonly record: Recorder;
}

export async function composeEnvironment(
  { service, path, mounts }: ComposeService,
  place: Place,
): Promise<ComposeEnvironment> {
  const given = [...(await fromFiles(service.env_file, path, place)), ...pairs(service.environment, path)];
  const entries = new Map<string, Entry>();
  const paths = new Map<string, Path>();
  for (const { name, value, path: at } of new Map(given.map((one) => [one.name, one])).values()) {
    if (value === '') continue;
    const problem = variableProblem(name);
    if (problem !== undefined) {
      place.record('left out', at, `${name} ${problem}`);
      continue;
    }
    const entry = entryOf(name, value, mounts, place);
    if (entry === undefined)
      place.record('left out', at, `${name} is put together from other variables: add it to env`);
    else entries.set(name, entry);
    paths.set(name, at);
  }
  const plain = [...entries].flatMap(([name, entry]) => (typeof entry === 'string' ? [[name, entry] as const] : []));
  return { plain: new Map(plain), entries, paths };
}

const VARIABLE = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?([-?+])([^}]*))?\})$/;

/** Undefined for what Compose puts together. */
function entryOf(name: string, value: string | undefined, mounts: readonly Mount[], place: Place): Entry | undefined {
  if (value === undefined) return { from: name };
  const [whole, bare, braced, operator, rest = ''] = VARIABLE.exec(value) ?? [];
  if (whole !== undefined && operator !== '+') {
    const isPlain = operator === '-' && rest !== '' && !isSecretVariable(name, rest) && !rest.includes('$');
    return isPlain ? rest : { from: bare ?? braced ?? name };
  }
  const text = value.replaceAll('$$', '\0');
  if (text.includes('$')) return undefined;
  const literal = text.replaceAll('\0', '$');
  const mount = mounts.find(({ target }) => literal === target || literal.startsWith(`${target}/`));
  if (mount) return { file: besideTarget(`${mount.source}${literal.slice(mount.target.length)}`, place) };
  return isSecretVariable(name, literal) ? { from: name } : literal;
}

function besideTarget(source: string, { folder, target }: Place): string {
  if (source.startsWith('~/')) return source;
  const path = resolve(folder, source);
  const steps = relative(target, path);
  return steps.startsWith('..') ? path : `./${steps.split(sep).join('/')}`;
}

function pairs(environment: unknown, service: Path): readonly Given[] {
  const path = [...service, 'environment'];
  if (Array.isArray(environment)) {
    return environment.flatMap((line, at) => {
      const [, name, value] = /^\s*([A-Za-z_]\w*)(?:=(.*))?$/s.exec(String(line)) ?? [];
      return name === undefined ? [] : [{ name, value, path: [...path, at] }];
    });
  }
  if (!isRecord(environment)) return [];
  return Object.entries(environment).map(([name, value]) => ({
    name,
    value: value === null ? undefined : String(value),
    path: [...path, name],
  }));
}

async function fromFiles(given: unknown, service: Path, { files, folder, record }: Place): Promise<readonly Given[]> {
  const path = [...service, 'env_file'];
  const names = (Array.isArray(given) ? given : [given]).flatMap((one: unknown) => {
    const name = typeof one === 'object' && one !== null ? (one as { path?: unknown }).path : one;
    return typeof name === 'string' ? [name] : [];
  });
  const found: Given[] = [];
  for (const name of names) {
    const text = await files.read(resolve(folder, name), MOST_TEXT).catch(() => undefined);
    const parsed = text === undefined ? undefined : parseEnvFile(text);
    if (parsed?.ok) for (const line of parsed.lines) found.push({ name: line.name, value: line.value, path });
    else
      record(
        'left out',
        path,
        `${name} ${parsed ? `cannot be read: line ${parsed.line} ${parsed.problem}` : 'not found'}`,
      );
  }
  return found;
}
