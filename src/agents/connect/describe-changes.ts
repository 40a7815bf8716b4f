import { isRecord } from '../../text/json.ts';
import type { SettingChange } from './plan-connection.ts';

const SECRET_NAME = /key|token(?!s)|secret|password/i;
const MASK = '(secret)';

/** The change with its secrets masked, nested ones too. */
export function withoutSecrets(change: SettingChange): SettingChange {
  const { before, after, setting } = change;
  return { ...change, before: masked(setting, before), after: masked(setting, after) };
}

function masked(name: string, value: unknown): unknown {
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([inner, each]) => [inner, masked(inner, each)]));
  return SECRET_NAME.test(name) && typeof value === 'string' ? MASK : value;
}

/** One line a setting below each file: `+` is new, `-` is removed, `~` changes. */
export function describeChanges(changes: readonly SettingChange[]): string {
  const files = [...new Set(changes.map(({ file }) => file))];
  return files
    .map(
      (file) =>
        `${file}\n${changes
          .filter((change) => change.file === file)
          .map(describeChange)
          .join('')}`,
    )
    .join('');
}

function describeChange({ setting, before, after }: SettingChange): string {
  if (before === undefined) return `  + ${setting}: ${JSON.stringify(after)}\n`;
  if (after === undefined) return `  - ${setting}: ${JSON.stringify(before)}\n`;
  return `  ~ ${setting}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}\n`;
}
