import { parse, stringify } from 'yaml';
import { effectiveVariables, type GatewayVariable } from '../../../model/gateway-environment.ts';
import { isSafeValue } from '../../../model/secret.ts';
import { PROXY } from '../../../model/service.ts';
import type { StackSpec } from '../../../model/stack-spec.ts';
import { settingsValues } from './compose-settings.ts';

interface ComposeFile extends Record<string, unknown> {
  readonly services: Readonly<Record<string, { readonly environment: Record<string, string> }>>;
}

/** Values stand in the file, secrets are references. What is in a file of this machine stays behind. */
function exportedVariables(variables: readonly GatewayVariable[]): Readonly<Record<string, string>> {
  const values = effectiveVariables(variables).filter(({ file }) => file === undefined);
  return Object.fromEntries(
    values.map(({ name, value, isSecret }) => [
      name,
      isSecret ? `\${${name}:?is missing in .env}` : value.reveal().replaceAll('$', '$$$$'),
    ]),
  );
}

/** The secrets among them as lines of a `.env` that Compose reads. */
export function exportedSecrets(variables: readonly GatewayVariable[]): string {
  return effectiveVariables(variables)
    .filter(({ isSecret, file }) => isSecret && file === undefined)
    .map(({ name, value }) => `${name}=${quoted(value.reveal())}\n`)
    .join('');
}

function quoted(value: string): string {
  if (isSafeValue(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  const escaped = value
    .replace(/[\\"$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `"${escaped}"`;
}

/** What the gateway has besides. */
export interface Besides {
  readonly variables?: readonly GatewayVariable[];
  /** Fields of its service. */
  readonly service?: Readonly<Record<string, unknown>>;
}

/**
 * docker-compose.yml as this stack is run, in one file that needs nothing beside it but the secrets: these stay references,
 * each of them required.
 */
export function resolvedCompose(text: string, spec: StackSpec, { variables = [], service = {} }: Besides = {}): string {
  const settings: Readonly<Record<string, string>> = { ...settingsValues(spec), LITELLM_REVISION: '' };
  const filled = text.replace(
    /\$\{(\w+):[-?][^}]*\}/g,
    (_, name: string) => settings[name] ?? `\${${name}:?is missing in .env}`,
  );
  const { 'x-logging': _, ...file } = parse(filled, { merge: true }) as ComposeFile;
  const gateway = file.services[PROXY];
  if (gateway) {
    Object.assign(gateway.environment, exportedVariables(variables));
    Object.assign(gateway, service);
  }
  return stringify({ ...file, name: spec.project }, { aliasDuplicateObjects: false, lineWidth: 0 });
}
