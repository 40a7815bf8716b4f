import { findSecret, isSecretName } from '../config/config-secrets.ts';
import { isHarmless, referenceIn, shellVariableIn } from '../gateway-config/litellm-rules.ts';
import type { Path, Recorder } from './import-report.ts';

export interface ValueOptions {
  /** Values from the environment that the configuration was used with, without secrets. */
  readonly environment: ReadonlyMap<string, string>;
  readonly record: Recorder;
}

/** Replaces shell variables, which LiteLLM does not expand, and literal keys by `os.environ/NAME`. */
export function importValues(value: unknown, options: ValueOptions): unknown {
  const taken = new Map<string, string>();
  return convert(value, [], { ...options, taken });
}

interface Converting extends ValueOptions {
  /** The literal value for each variable that we introduce. */
  readonly taken: Map<string, string>;
}

function convert(value: unknown, path: Path, options: Converting): unknown {
  if (typeof value === 'string') return convertText(value, path, options);
  if (Array.isArray(value)) return value.map((inner, at) => convert(inner, [...path, at], options));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, convert(inner, [...path, name], options)]),
  );
}

function convertText(value: string, path: Path, { environment, record, taken }: Converting): string {
  const shell = shellVariableIn(value);
  if (shell !== undefined) record('changed', path, `os.environ/${shell}, because LiteLLM does not replace it`);
  const name = shell ?? referenceIn(value);
  const key = String(path.at(-1));
  if (name !== undefined) {
    const given = environment.get(name);
    if (given === undefined || isSecretName(key)) return `os.environ/${name}`;
    record('changed', path, `the value that ${name} has there`);
    return given;
  }
  const isSecret = (isSecretName(key) && !isHarmless(value)) || findSecret(value) !== undefined;
  if (!isSecret) return value;
  const variable = variableFor(key, value, taken);
  record('changed', path, `os.environ/${variable}: give that variable the key, which stays out of the file`);
  return `os.environ/${variable}`;
}

function variableFor(key: string, value: string, taken: Map<string, string>): string {
  const base =
    key
      .toUpperCase()
      .replace(/\W+/g, '_')
      .replace(/^(?=\d)/, '_') || 'VALUE';
  for (let at = 1; ; at += 1) {
    const name = `MY_${base}${at === 1 ? '' : `_${at}`}`;
    const known = taken.get(name);
    if (known === undefined) taken.set(name, value);
    if (known === undefined || known === value) return name;
  }
}
