import { isDeepStrictEqual } from 'node:util';
import { CliError } from '../../model/errors.ts';
import { settingsInvalid } from '../json-settings.ts';
import type { Receipt, ReceiptEntry, ReceiptFile } from './receipt.ts';
import { valueHash } from './receipt.ts';
import { blockingGroup, describePath, type SettingPath, type SettingsFile, valueAt } from './settings-file.ts';
import { parseSettings, withSetting } from './settings-formats.ts';

/** One value that `connect` or `disconnect` changes; undefined is absent. */
export interface SettingChange {
  readonly file: string;
  /** `env.ANTHROPIC_BASE_URL`. */
  readonly setting: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface PlannedFile {
  readonly path: string;
  /** The whole text to be written. */
  readonly text: string;
  readonly changes: readonly SettingChange[];
  /** Its part of the receipt. */
  readonly receipt: ReceiptFile;
}

/** The new content of one settings file. `text` is the current one, undefined if there is no file. */
export function planFile(file: SettingsFile, text: string | undefined, known: Receipt | undefined): PlannedFile {
  const now = settingsOf(file, text ?? '');
  requireGroups(file, now);
  const written = known?.files.find(({ path }) => path === file.path);
  const changes = file.settings
    .map(({ path, value }) => ({ path, before: valueAt(now, path), after: value }))
    .filter(({ before, after }) => !isDeepStrictEqual(before, after));
  return {
    path: file.path,
    text: file.settings.reduce((result, setting) => withSetting(file.format, result, setting), text ?? ''),
    changes: changes.map(({ path, ...change }) => ({ file: file.path, setting: describePath(path), ...change })),
    receipt: {
      path: file.path,
      format: file.format,
      created: written?.created ?? text === undefined,
      entries: file.settings.map(({ path, value }) => ({
        path: [...path],
        hash: valueHash(value),
        ...beforeOf(path, valueAt(now, path), written),
      })),
    },
  };
}

/** If the agent is connected again, the value from before the first time is kept. */
function beforeOf(path: SettingPath, now: unknown, written: ReceiptFile | undefined) {
  const entry = written?.entries.find((other) => isDeepStrictEqual(other.path, path));
  if (entry && entry.hash === valueHash(now)) return 'before' in entry ? { before: entry.before } : {};
  return now === undefined ? {} : { before: now };
}

function requireGroups({ path: file, settings }: SettingsFile, now: unknown): void {
  const blocking = settings.map(({ path }) => blockingGroup(now, path)).find((group) => group !== undefined);
  if (blocking === undefined) return;
  const name = describePath(blocking.path);
  const wanted = { list: 'a list', object: 'an object' }[blocking.wanted];
  throw new CliError('agent_settings_invalid', `"${name}" in ${file} is not ${wanted}`, {
    hint: `Remove "${name}" or correct it, then run the command again`,
    details: { path: file, setting: name },
  });
}

function settingsOf({ path, format, accepted }: Pick<SettingsFile, 'path' | 'format' | 'accepted'>, text: string) {
  try {
    return parseSettings(format, text, accepted);
  } catch (error) {
    throw settingsInvalid(path, format.toUpperCase(), error);
  }
}

export interface TakenBack {
  /** Undefined if nothing is left of a file that `connect` created, so it is removed. */
  readonly text: string | undefined;
  readonly changes: readonly SettingChange[];
  /** Settings that have changed since, which stay as they are. */
  readonly kept: readonly string[];
}

/** The content of a settings file after removing what is still as `connect` wrote it. */
export function planRemoval(file: ReceiptFile, text: string): TakenBack {
  const now = settingsOf(file, text);
  const undone = file.entries.filter(
    ({ path, hash }) => valueHash(valueAt(now, path)) === hash && blockingGroup(now, path) === undefined,
  );
  const kept = file.entries.filter((entry) => !undone.includes(entry) && !isBefore(entry, valueAt(now, entry.path)));
  const result = undone
    .toReversed()
    .reduce(
      (before, { path, before: value }) => withoutEmpty(file, withSetting(file.format, before, { path, value }), path),
      text,
    );
  const isEmpty = Object.keys(settingsOf(file, result)).length === 0;
  return {
    text: file.created && isEmpty ? undefined : result,
    changes: undone
      .map(({ path, before }) => ({
        file: file.path,
        setting: describePath(path),
        before: valueAt(now, path),
        after: before,
      }))
      .filter(({ before, after }) => !isDeepStrictEqual(before, after)),
    kept: kept.map(({ path }) => describePath(path)),
  };
}

const isBefore = ({ before }: ReceiptEntry, now: unknown) => isDeepStrictEqual(before, now);

/** Also removes the groups that are empty without the removed setting. */
function withoutEmpty({ format }: Pick<ReceiptFile, 'format'>, text: string, path: ReceiptEntry['path']): string {
  let result = text;
  for (let length = path.length - 1; length > 0; length -= 1) {
    const group = path.slice(0, length);
    const value = valueAt(parseSettings(format, result), group);
    if (typeof value !== 'object' || value === null || Object.keys(value).length > 0) return result;
    result = withSetting(format, result, { path: group, value: undefined });
  }
  return result;
}
