import { compare } from 'compare-versions';

/** `2.26.1` of `v2.26.1-4`: a distribution's suffix does not make a version older. */
function numbersOf(version: string): string | undefined {
  return /^v?(\d{1,9}(?:\.\d{1,9}){0,2})/.exec(version)?.[1];
}

/** Whether a version is lower than another; false if it cannot be parsed (`dev`). */
export function isOlder(version: string, than: string): boolean {
  const numbers = numbersOf(version);
  return numbers !== undefined && compare(numbers, than, '<');
}

/** Whether a version is at least another; false if it cannot be parsed (`dev`). */
export function isAtLeast(version: string, least: string): boolean {
  const numbers = numbersOf(version);
  return numbers !== undefined && compare(numbers, least, '>=');
}
