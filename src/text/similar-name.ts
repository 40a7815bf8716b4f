import { distance } from 'fastest-levenshtein';

const LONGEST = 100;

/** The names that a mistyped one may have meant, only the nearest ones; none if nothing is near. */
export function similarNames(typed: string, names: readonly string[]): readonly string[] {
  // A name that is longer or shorter by more is too far away, and a very long text is not a name.
  const close = names.filter((name) => name.length <= LONGEST && Math.abs(name.length - typed.length) <= 3);
  const mistakes = close.map((name) => ({ name, count: countMistakes(typed.toLowerCase(), name.toLowerCase()) }));
  // At most half of the name may be wrong, and at most three letters.
  const near = mistakes.filter(({ name, count }) => count <= 3 && count * 2 <= name.length);
  const least = near.reduce((nearest, { count }) => Math.min(nearest, count), Number.POSITIVE_INFINITY);
  return near.filter(({ count }) => count === least).map(({ name }) => name);
}

/** `. Did you mean up?`, or nothing: for the end of a message. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const similar = similarNames(typed, names);
  return similar.length === 0 ? '' : `. Did you mean ${similar.join(' or ')}?`;
}

const sorted = (text: string) => [...text].sort().join('');

/** The right letters in the wrong order, such as `pu`, count as one mistake. */
function countMistakes(typed: string, name: string): number {
  const count = distance(typed, name);
  return count > 1 && sorted(typed) === sorted(name) ? 1 : count;
}
