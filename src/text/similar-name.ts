const LONGEST = 100;

/** The names that a mistyped one may have meant, the nearest alone; none when nothing is near. */
export function similarNames(typed: string, names: readonly string[]): readonly string[] {
  // Whatever is longer or shorter by more is too far away, and what is very long is no name.
  const close = names.filter((name) => name.length <= LONGEST && Math.abs(name.length - typed.length) <= 3);
  const distances = close.map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase()) }));
  // Half of it may be wrong, and no more than three letters.
  const near = distances.filter(({ name, distance }) => distance <= 3 && distance * 2 <= name.length);
  const least = near.reduce((nearest, { distance }) => Math.min(nearest, distance), Number.POSITIVE_INFINITY);
  return near.filter(({ distance }) => distance === least).map(({ name }) => name);
}

/** ` (Did you mean up?)`, or nothing. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const similar = similarNames(typed, names);
  if (similar.length === 0) return '';
  return ` (Did you mean ${similar.length === 1 ? '' : 'one of '}${similar.join(', ')}?)`;
}

/** Letters to be changed, put in, left out or exchanged with their neighbour. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const at = (values: readonly number[], index: number) => values[index] ?? 0;
      const changed = at(row, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      next[j] = Math.min(at(row, j) + 1, at(next, j - 1) + 1, changed, exchanged ? at(before, j - 2) + 1 : Infinity);
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
