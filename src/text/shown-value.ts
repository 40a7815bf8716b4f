import { oneLine } from './shown-text.ts';

/** A value of a file as it is shown with a question: runs of spaces would wrap into a line that looks like one of ours. */
export function shownValue(text: string): string {
  return oneLine(text, 300).replace(/\s+/g, ' ').trim();
}
