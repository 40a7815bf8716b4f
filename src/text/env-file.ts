/** One variable of a file; `value` is undefined for a name alone, which stands for the user's own value. */
export interface EnvLine {
  readonly line: number;
  readonly name: string;
  readonly value: string | undefined;
}

export type EnvFile =
  | { readonly ok: true; readonly lines: readonly EnvLine[] }
  | { readonly ok: false; readonly line: number; readonly problem: string };

const NAME = /(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*/y;
/** Blanks and comments after an assignment or on a line without one. */
const REST = /[ \t]*(#[^\n]*)?(\n|$)/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

/**
 * Parses as Compose and most dotenv libraries do: `export`, comments, single quotes for literal text, double quotes with
 * escapes, both over several lines. A `$` is literal. Line numbers start at 1, and no problem repeats a value.
 */
export function parseEnvFile(source: string): EnvFile {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const lines: EnvLine[] = [];
  let at = 0;
  const lineAt = () => text.slice(0, at).split('\n').length;
  while (at < text.length) {
    REST.lastIndex = at;
    if (REST.test(text)) {
      at = REST.lastIndex;
      if (at >= text.length) break;
      continue;
    }
    at += /[ \t]*/y.exec(text.slice(at))?.[0].length ?? 0;
    const line = lineAt();
    NAME.lastIndex = at;
    const name = NAME.exec(text)?.[1];
    if (name === undefined) return { ok: false, line, problem: 'is not NAME=VALUE' };
    at = NAME.lastIndex;
    if (text[at] === '=') {
      const read = readValue(text, at + 1);
      if (!read) return { ok: false, line, problem: `opens a quote that is not closed (${name})` };
      at = read.end;
      lines.push({ line, name, value: read.value });
    } else lines.push({ line, name, value: undefined });
    REST.lastIndex = at;
    if (!REST.test(text)) return { ok: false, line: lineAt(), problem: `has text after the value of ${name}` };
    at = REST.lastIndex;
  }
  return { ok: true, lines };
}

function readValue(text: string, from: number): { readonly value: string; readonly end: number } | undefined {
  const start = from + (/^[ \t]*/.exec(text.slice(from))?.[0].length ?? 0);
  const quote = text[start];
  if (quote === "'") {
    const end = text.indexOf("'", start + 1);
    return end < 0 ? undefined : { value: text.slice(start + 1, end), end: end + 1 };
  }
  if (quote === '"') return readEscaped(text, start + 1);
  const end = text.indexOf('\n', from);
  const line = text.slice(from, end < 0 ? text.length : end);
  return { value: line.replace(/(^|[ \t])#.*$/, '').trim(), end: from + line.length };
}

function readEscaped(text: string, from: number): { readonly value: string; readonly end: number } | undefined {
  let value = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') return { value, end: at + 1 };
    const escaped = character === '\\' ? ESCAPES[text[at + 1] ?? ''] : undefined;
    value += escaped ?? character;
    if (escaped !== undefined) at += 1;
  }
  return undefined;
}
