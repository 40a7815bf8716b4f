import { InvalidArgumentError } from 'commander';

type Values = Readonly<Record<string, string>>;

/** One more `--set k=v`. */
export function collectKeyValue(text: string, previous: Values = {}): Values {
  const match = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text);
  if (!match?.[1]) throw new InvalidArgumentError('It is NAME=VALUE.');
  return { ...previous, [match[1]]: match[2] ?? '' };
}

/** `true`, `3`, `[1]` and `{}` as JSON means them; all else as text. */
export function jsonValues(values: Values = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonOrText(value)]));
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
