import { oneLine } from './shown-text.ts';

/** A value of a file for a question. Runs of spaces are collapsed, because they could wrap into a line that looks like ours. */
export function shownValue(text: string): string {
  return oneLine(text, 300).replace(/\s+/g, ' ').trim();
}
