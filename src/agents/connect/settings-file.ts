import { isRecord } from '../../text/json.ts';
import type { JsonExtensions } from '../json-settings.ts';

/** A member of an object by its name, or the item of a list that has this `name`. */
export type Segment = string | { readonly name: string };

export type SettingPath = readonly Segment[];

export type SettingsFormat = 'json' | 'toml' | 'yaml' | 'dotenv';

/** One value in a settings file; undefined to remove it. */
export interface Setting {
  readonly path: SettingPath;
  readonly value: unknown;
}

/** The settings with which an agent uses the gateway. */
export interface SettingsFile {
  readonly path: string;
  readonly format: SettingsFormat;
  /** For an agent whose own parser of JSON is stricter than ours. */
  readonly accepted?: JsonExtensions;
  readonly settings: readonly Setting[];
}

/** `env.ANTHROPIC_BASE_URL`, `models[agents-llm]`. */
export function describePath(path: SettingPath): string {
  return path
    .map((segment, at) => (typeof segment !== 'string' ? `[${segment.name}]` : at === 0 ? segment : `.${segment}`))
    .join('');
}

/** The value at a path, or undefined. */
export function valueAt(settings: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>((value, segment) => {
    if (typeof value !== 'object' || value === null) return undefined;
    if (typeof segment === 'string')
      return Array.isArray(value) ? undefined : (value as Record<string, unknown>)[segment];
    return Array.isArray(value) ? value.find((item) => valueAt(item, ['name']) === segment.name) : undefined;
  }, settings);
}

/** What is on the way to a value and not the group that it has to be, such as `env` where it is a text. */
export interface BlockingGroup {
  readonly path: SettingPath;
  readonly wanted: 'list' | 'object';
}

/** Undefined if the value can be set. */
export function blockingGroup(settings: unknown, path: SettingPath): BlockingGroup | undefined {
  const groups = path.slice(1).map((segment, index) => ({
    path: path.slice(0, index + 1),
    wanted: typeof segment === 'string' ? ('object' as const) : ('list' as const),
  }));
  return groups.find(({ path: group, wanted }) => {
    const value = valueAt(settings, group);
    return value !== undefined && !(wanted === 'object' ? isRecord(value) : Array.isArray(value));
  });
}
