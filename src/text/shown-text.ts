/*
 * Makes untrusted text (names in LiteLLM, its errors, lines of a file) safe to print. `oneLine` is for such a text
 * in a sentence or a cell, `shownText` for whole output to a terminal, `jsonText` for JSON.
 */

/**
 * Terminal escape sequences. Each part ends at the next ESC, so that matching takes linear time. Our own,
 * because `util.stripVTControlCharacters` keeps window titles and links that contain a space.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const COLOUR = /^\u001b\[[\d;]*m$/;
/** Characters that break the line, move the cursor or change the text direction. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
/** The same except for newline, tab and the start of a colour. */
const CONTROLS_IN_LINES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
  /(?:(?![\n\t\u001b])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\u001b(?!\[[\d;]{0,20}m))+/gu;
/** Invisible characters, which can make two names look the same; not the variation selectors of emojis. */
const INVISIBLE = /(?![\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Matches almost every text, which then needs no cleaning. */
const HARMLESS = /^[\n\t\x20-\x7e]*$/;

const LONGEST = 2000;

/** Removes escape sequences and everything that moves the cursor, but keeps lines. */
export function plainText(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(ESCAPES, '').replace(/(?![\n\t])\p{Cc}|[\p{Zl}\p{Zp}]/gu, '');
}

/** One line that is safe on a terminal. Invisible characters are replaced by `\ufffd`. */
export function oneLine(text: string, most = LONGEST): string {
  // Cut first, so that the patterns only see the part that is kept.
  const begin = cutText(text, most);
  if (HARMLESS.test(begin)) return begin.replace(/[\n\t]+/g, ' ');
  return begin.replace(ESCAPES, '').replace(CONTROLS, ' ').replace(INVISIBLE, '\ufffd');
}

/** Never cuts a surrogate pair. */
function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text[most - 2] ?? '') ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

/** Turns every text in a value, including field names, into one line. */
export function oneLineEach<Value>(value: Value, except: readonly string[] = []): Value {
  return cleaned(value, except) as Value;
}

function cleaned(value: unknown, except: readonly string[]): unknown {
  if (typeof value === 'string') return oneLine(value);
  if (Array.isArray(value)) return value.map((each) => cleaned(each, except));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([name, each]) => [
    oneLine(name),
    except.includes(name) && typeof each === 'string' ? each : cleaned(each, except),
  ]);
  return Object.fromEntries(entries);
}

const MOST_NAMES = 20;

/** `a, b, c and 3 more`: shortened names for a sentence. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => oneLine(name, 100));
  return shown.join(', ') + (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '');
}

/** Quotes a name for a command that users may copy into a shell. */
export function shellWord(name: string): string {
  const word = oneLine(name, 200);
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Makes lines safe for a terminal and for the log of a CI job: no control characters except our own colours, nothing
 * invisible, and no line that a CI runner would run as a command (`::set-output …`, `##[…]`, `##vso[…]`).
 */
export function shownText(text: string): string {
  const clean = HARMLESS.test(text)
    ? text
    : text
        .replace(ESCAPES, (found) => (COLOUR.test(found) ? found : ''))
        .replace(CONTROLS_IN_LINES, ' ')
        .replace(INVISIBLE, '\ufffd');
  return clean.replace(/^([^\S\n]*)::/gm, '$1: :').replace(/##(?=\[|vso\[|teamcity\[)/g, '# #');
}

/** JSON on one line, in which everything that `shownText` would replace is escaped. */
export function jsonText(value: unknown): string {
  return escapeHidden(JSON.stringify(value)).replace(/##(?=\[|vso\[|teamcity\[)/g, '\\u0023#');
}

/** Escapes invisible characters as `\uXXXX`, which JSON and double-quoted YAML support. */
export function escapeHidden(text: string): string {
  return text.replace(CONTROLS, escaped).replace(INVISIBLE, escaped);
}

const escaped = (found: string) =>
  Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
