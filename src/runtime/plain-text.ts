import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: a log must not move the cursor of who reads it.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** A text that does nothing to a terminal but show itself. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROL, '');
}
