/** A table of Markdown. A cell is one line; its bars are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export const code = (text: string) => `\`${text}\``;

export const fenced = (lines: readonly string[], language = '') => ['```'.concat(language), ...lines, '```'].join('\n');

/** Parts of a page, a blank line between them; empty ones are left out. */
export const page = (...parts: readonly string[]) => `${parts.filter((part) => part !== '').join('\n\n')}\n`;

export const MADE_BY = '<!-- Made by `npm run docs` from the program itself: change the program, not this file. -->';
