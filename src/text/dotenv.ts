/** The values of a dotenv text, or the number of the first invalid line, starting at 1. Never contains the text of a line. */
export type Dotenv =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly line: number; readonly problem: string };

const IGNORED = /^[ \t]*(#.*)?$/s;
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

/** Only for our own files: literal `KEY=value` lines without quotes, `export` or substitution. */
export function parseDotenv(text: string): Dotenv {
  const values = new Map<string, string>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (IGNORED.test(line)) continue;
    const [, key, value] = ASSIGNMENT.exec(line) ?? [];
    if (key === undefined || value === undefined) return { ok: false, line: index + 1, problem: 'is not KEY=value' };
    if (values.has(key)) return { ok: false, line: index + 1, problem: `sets ${key} a second time` };
    values.set(key, value);
  }
  return { ok: true, values };
}

export function renderDotenv(comment: readonly string[], values: Iterable<readonly [string, string]>): string {
  const lines = [...comment.map((line) => `# ${line}`), ...Array.from(values, ([key, value]) => `${key}=${value}`)];
  return lines.map((line) => `${line}\n`).join('');
}

/** Sets one value and keeps every other byte. Adds a missing key at the end. */
export function setValue(text: string, key: string, value: string): string {
  // Without the flag `m`, for which a lone CR or U+2028 also starts a line.
  const line = new RegExp(`(^\\uFEFF?|\\n)(${key}=)[^\\r\\n]*`);
  if (line.test(text)) return text.replace(line, (_, start: string, name: string) => `${start}${name}${value}`);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const separator = text === '' || text === '\uFEFF' || text.endsWith('\n') ? '' : newline;
  return `${text}${separator}${key}=${value}${newline}`;
}
