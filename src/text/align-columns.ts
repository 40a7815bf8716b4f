/** Columns of equal width, two spaces apart; nothing at the end of a line. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  visibleWidth = (text: string) => text.length,
): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, visibleWidth(cell));
    });
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - visibleWidth(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
