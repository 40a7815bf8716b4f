import { parse as parseToml, patch } from '@decimalturn/toml-patch';
import { applyEdits, modify, parse as parseJson } from 'jsonc-parser';
import { parseDocument } from 'yaml';
import { removeVariable, setVariables, variablesOf } from '../../text/dotenv-edit.ts';
import { isRecord } from '../../text/json.ts';
import { type JsonExtensions, parseJsonSettings } from '../json-settings.ts';
import type { Setting, SettingPath, SettingsFormat } from './settings-file.ts';
import { valueAt } from './settings-file.ts';

/** Reads values from a text and changes them, keeping comments, order and all other values. */
interface Format {
  /** Throws for a text that is not valid. */
  readonly parse: (text: string, accepted?: JsonExtensions) => unknown;
  readonly set: (text: string, setting: Setting) => string;
}

const FORMATS: Readonly<Record<SettingsFormat, Format>> = {
  json: { parse: (text, accepted) => parseJsonSettings(text, accepted) ?? {}, set: setInJson },
  // The parser's tables have no prototype, so they would differ from ordinary objects.
  toml: { parse: (text) => structuredClone(parseToml(text)), set: setInToml },
  yaml: { parse: parseYamlText, set: setInYaml },
  dotenv: { parse: variablesOf, set: setInDotenv },
};

/** The settings in a text, an object. Throws when it is not valid in that format. */
export function parseSettings(
  format: SettingsFormat,
  text: string,
  accepted?: JsonExtensions,
): Readonly<Record<string, unknown>> {
  const settings = FORMATS[format].parse(text, accepted);
  if (isRecord(settings)) return { ...settings };
  throw new Error('the settings are not an object');
}

/** The text with one value set, or removed where it is undefined. */
export function withSetting(format: SettingsFormat, text: string, setting: Setting): string {
  const isAbsent = setting.value === undefined && valueAt(parseSettings(format, text), setting.path) === undefined;
  return isAbsent ? text : FORMATS[format].set(text, setting);
}

function setInJson(text: string, { path, value }: Setting): string {
  const start = parseJson(text) === undefined ? '{}\n' : text;
  const options = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' } };
  return applyEdits(start, modify(start, names(path), value, options));
}

function setInToml(text: string, { path, value }: Setting): string {
  return patch(text, changed(parseToml(text) as Record<string, unknown>, names(path), value));
}

function parseYamlText(text: string): unknown {
  const document = parseDocument(text);
  const [first] = document.errors;
  if (first) throw new Error(first.message.split('\n')[0]);
  return document.toJS() ?? {};
}

function setInYaml(text: string, { path, value }: Setting): string {
  const document = parseDocument(text);
  const place = indexed(document.toJS(), path);
  if (value === undefined) document.deleteIn(place);
  else document.setIn(place, value);
  return document.toString();
}

/** Replaces the name of a list item by its index; the index after the last one if there is no such item. */
function indexed(settings: unknown, path: SettingPath): readonly (string | number)[] {
  return path.map((segment, at) => {
    if (typeof segment === 'string') return segment;
    const list = valueAt(settings, path.slice(0, at));
    const items: readonly unknown[] = Array.isArray(list) ? list : [];
    const found = items.findIndex((item) => valueAt(item, ['name']) === segment.name);
    return found < 0 ? items.length : found;
  });
}

function setInDotenv(text: string, { path, value }: Setting): string {
  const [name = ''] = names(path);
  return value === undefined ? removeVariable(text, name) : setVariables(text, { [name]: String(value) });
}

/** Only YAML has settings in lists. */
function names(path: SettingPath): string[] {
  return path.map((segment) => {
    if (typeof segment === 'string') return segment;
    throw new Error('this format has no lists with names');
  });
}

function changed(settings: Record<string, unknown>, path: readonly string[], value: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path;
  const { [name]: before, ...others } = settings;
  if (rest.length > 0) {
    const inside = typeof before === 'object' && before !== null ? (before as Record<string, unknown>) : {};
    return { ...settings, [name]: changed(inside, rest, value) };
  }
  return value === undefined ? others : { ...settings, [name]: value };
}
