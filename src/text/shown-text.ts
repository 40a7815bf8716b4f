/*
 * What others wrote (names in LiteLLM, its errors, lines of a file) made fit to be shown. `oneLine` is for a text of theirs
 * that stands in a sentence or a cell, `shownText` for the whole that goes to a terminal, `jsonText` for JSON.
 */

/**
 * Escape sequences of terminals. Each part ends at the next ESC, so that a long text takes no longer than it is. Our own,
 * because `util.stripVTControlCharacters` leaves window titles and links with a space in them.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const COLOUR = /^\u001b\[[\d;]*m$/;
/** Breaks the line, moves the cursor, or turns the direction of what follows. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
/** But for newline, tab and what begins a colour. */
const CONTROLS_IN_LINES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
  /(?:(?![\n\t\u001b])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\u001b(?!\[[\d;]{0,20}m))+/gu;
/** Takes no room, and makes two names look the same. What chooses the look of an emoji is none of it. */
const INVISIBLE = /(?![\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Nothing of all this, as nearly every text. */
const HARMLESS = /^[\n\t\x20-\x7e]*$/;

const LONGEST = 2000;

/** Lines without anything that moves the cursor; the escape sequences of what wrote them are gone. */
export function plainText(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(ESCAPES, '').replace(/(?![\n\t])\p{Cc}|[\p{Zl}\p{Zp}]/gu, '');
}

/** One line that does nothing to a terminal but show itself. What cannot be seen shows as `\ufffd`. */
export function oneLine(text: string, most = LONGEST): string {
  // First of all: what is cut off need not be looked at.
  const begin = cutText(text, most);
  if (HARMLESS.test(begin)) return begin.replace(/[\n\t]+/g, ' ');
  return begin.replace(ESCAPES, '').replace(CONTROLS, ' ').replace(INVISIBLE, '\ufffd');
}

/** Never half of a letter that is written in two. */
function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text[most - 2] ?? '') ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

/** Every text in it, names of fields included, as one line. */
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

/** `a, b, c and 3 more`: names in a sentence, each of them short. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => oneLine(name, 100));
  return shown.join(', ') + (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '');
}

/** A name as a word of a command that is shown to be copied: a shell does nothing but pass it on. */
export function shellWord(name: string): string {
  const word = oneLine(name, 200);
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Lines as they may go to a terminal and into the log of a CI job: no control characters but our own colours, nothing
 * invisible, and no line that a job's runner takes for a command (`::set-output …`, `##[…]`, `##vso[…]`).
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

/** JSON on one line, the same value, with all that `shownText` would replace written as escapes. */
export function jsonText(value: unknown): string {
  return escapeHidden(JSON.stringify(value)).replace(/##(?=\[|vso\[|teamcity\[)/g, '\\u0023#');
}

/** With all that cannot be seen as `\uXXXX`, which JSON and the double quotes of YAML know. */
export function escapeHidden(text: string): string {
  return text.replace(CONTROLS, escaped).replace(INVISIBLE, escaped);
}

const escaped = (found: string) =>
  Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
