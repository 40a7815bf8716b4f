interface Assignment {
  readonly name: string;
  /** The range of its value in the text, with quotes but without a comment after it. */
  readonly start: number;
  readonly end: number;
}

const HEAD = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*/y;
const BOM = '\xef\xbb\xbf';

/**
 * Sets variables in the text of a dotenv file, read as latin1. Our own code, because dotenv and similar libraries only read.
 * Changes the last assignment of a name, because that one wins in every parser; adds missing names at the end. Keeps every other byte.
 * @example setVariables('A=1\nB=2', { B: '3' }) // 'A=1\nB=3'
 */
export function setVariables(text: string, variables: Readonly<Record<string, string>>): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  let result = text;
  for (const [name, value] of Object.entries(variables)) {
    const found = assignments(result).findLast((assignment) => assignment.name === name);
    if (found) {
      const rest = result.slice(found.end);
      // Without a space before it, most parsers read a comment as part of the value.
      result = `${result.slice(0, found.start)}${value}${rest.startsWith('#') ? ' ' : ''}${rest}`;
    } else {
      const gap = result === '' || result === BOM || /[\r\n]$/.test(result) ? '' : newline;
      result += `${gap}${name}=${value}${newline}`;
    }
  }
  return result;
}

/** The last value of each variable, without the quotes around it. */
export function variablesOf(text: string): Readonly<Record<string, string>> {
  const values = assignments(text).map(({ name, start, end }) => [name, unquoted(text.slice(start, end))] as const);
  return Object.fromEntries(values);
}

const unquoted = (value: string) => /^(["'`])(.*)\1$/s.exec(value)?.[2] ?? value;

/** Removes every line that assigns a variable. */
export function removeVariable(text: string, name: string): string {
  return assignments(text)
    .filter((assignment) => assignment.name === name)
    .reduceRight((result, { start, end }) => {
      const begin = Math.max(result.lastIndexOf('\n', start), result.lastIndexOf('\r', start)) + 1;
      const after = lineEnd(result, end);
      return result.slice(0, begin) + result.slice(after + (result.startsWith('\r\n', after) ? 2 : 1));
    }, text);
}

/** Quoted values may span several lines, which may look like assignments themselves. */
function assignments(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  for (let at = text.startsWith(BOM) ? BOM.length : 0; at < text.length; ) {
    HEAD.lastIndex = at;
    const head = HEAD.exec(text);
    let from = at;
    if (head?.[1] !== undefined) {
      const start = at + head[0].length;
      const end = valueEnd(text, start);
      found.push({ name: head[1], start, end });
      from = end;
    }
    at = lineEnd(text, from) + 1;
    if (text[at - 1] === '\r' && text[at] === '\n') at += 1;
  }
  return found;
}

function lineEnd(text: string, from: number): number {
  const offset = text.slice(from).search(/[\r\n]/);
  return offset < 0 ? text.length : from + offset;
}

function valueEnd(text: string, start: number): number {
  const quote = text[start] ?? '';
  if (/["'`]/.test(quote)) {
    for (let at = start + 1; at < text.length; at += 1) {
      if (text[at] === '\\' && quote === '"') at += 1;
      else if (text[at] === quote) return at + 1;
    }
  }
  const line = text.slice(start, lineEnd(text, start));
  const comment = line.search(/(?:^|[ \t])#/);
  return start + (comment < 0 ? line : line.slice(0, comment)).trimEnd().length;
}
