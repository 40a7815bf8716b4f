import xterm from '@xterm/headless';

/** @typedef {{ text: string, color: string | undefined, bold: boolean, dim: boolean }} Run */

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const ROWS = 200;

/**
 * What a terminal shows after this output, a list of runs of equal look for each line.
 * @param {string} output
 * @param {number} columns
 * @returns {Promise<Run[][]>}
 */
export async function screenOf(output, columns) {
  const terminal = new xterm.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true });
  await new Promise((resolve) => terminal.write(output, () => resolve(undefined)));
  const { active } = terminal.buffer;
  const lines = [];
  for (let y = 0; y < active.length; y += 1) lines.push(runsOf(active.getLine(y), columns));
  while (lines.at(-1)?.every(({ text }) => text.trim() === '')) lines.pop();
  return lines;
}

/**
 * @param {import('@xterm/headless').IBufferLine | undefined} line
 * @param {number} columns
 * @returns {Run[]}
 */
function runsOf(line, columns) {
  /** @type {Run[]} */
  const runs = [];
  for (let x = 0; x < columns; x += 1) {
    const cell = line?.getCell(x);
    if (!cell || cell.getWidth() === 0) continue;
    const color = cell.isFgPalette() ? NAMES[cell.getFgColor() % NAMES.length] : undefined;
    const look = { color, bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
    const last = runs.at(-1);
    const text = cell.getChars() || ' ';
    if (last && last.color === look.color && last.bold === look.bold && last.dim === look.dim) last.text += text;
    else runs.push({ text, ...look });
  }
  return runs;
}
