import stringWidth from 'string-width';

/** Columns of equal width on a terminal, two spaces apart; no spaces at the end of a line. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
    });
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const COLOUR = /\u001b\[[\d;]*m/g;

/** Most cells are ASCII, so the library for the others is loaded on first use: it takes 15 ms. */
function widthOf(cell: string): number {
  const text = cell.replace(COLOUR, '');
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}
