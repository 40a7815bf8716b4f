import { parse, stringify } from 'yaml';
import type { StackSpec } from '../../../model/stack-spec.ts';
import { settingsValues } from './compose-settings.ts';

/**
 * docker-compose.yml as this stack is run, in one file that needs nothing beside it but the secrets: these stay references,
 * each of them required.
 */
export function resolvedCompose(text: string, spec: StackSpec): string {
  const settings: Readonly<Record<string, string>> = { ...settingsValues(spec), LITELLM_REVISION: '' };
  const filled = text.replace(
    /\$\{(\w+):[-?][^}]*\}/g,
    (_, name: string) => settings[name] ?? `\${${name}:?is missing in .env}`,
  );
  const { 'x-logging': _, ...file } = parse(filled, { merge: true }) as Record<string, unknown>;
  return stringify({ ...file, name: spec.project }, { aliasDuplicateObjects: false, lineWidth: 0 });
}
