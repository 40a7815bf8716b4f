/** @typedef {import('./screen.js').Run} Run */

const CELL = { width: 8.4, height: 19 };
const MARGIN = 16;
/** @type {Readonly<Record<string, string>>} */
const COLORS = {
  black: '#6e7681',
  red: '#ff7b72',
  green: '#3fb950',
  yellow: '#d29922',
  blue: '#58a6ff',
  magenta: '#bc8cff',
  cyan: '#39c5cf',
  white: '#f0f6fc',
};

/**
 * A picture of a terminal, as text that can be read and searched.
 * @param {readonly (readonly Run[])[]} lines
 * @param {{ columns: number, title: string }} options
 */
export function svgOf(lines, { columns, title }) {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(lines.length * CELL.height + 2 * MARGIN);
  const rows = lines.map((runs, y) => {
    const spans = runs.map(spanOf).join('');
    return `  <text x="${MARGIN}" y="${MARGIN + (y + 0.75) * CELL.height}">${spans.trimEnd()}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">
  <title>${title}</title>
  <rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`;
}

/** @param {Run} run */
function spanOf({ text, color, bold, dim }) {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const look = [
    color && ` fill="${COLORS[color]}"`,
    bold && ' font-weight="bold"',
    dim && ' fill-opacity="0.6"',
  ].filter(Boolean);
  return look.length === 0 ? escaped : `<tspan${look.join('')}>${escaped}</tspan>`;
}
