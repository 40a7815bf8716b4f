import { parse, stringify } from 'yaml';
import { effectiveVariables, environmentValues, type GatewayVariable } from '../../../model/gateway-environment.ts';
import { DEFAULT_MEMORY, formatMemory } from '../../../model/memory-limit.ts';
import { isSafeValue } from '../../../model/secret.ts';
import { PROXY } from '../../../model/service.ts';
import type { StackSpec } from '../../../model/stack-spec.ts';
import { SPARED_HOSTS } from './compose-environment.ts';
import { settingsValues } from './compose-settings.ts';

interface ComposeFile extends Record<string, unknown> {
  readonly services: Readonly<Record<string, { readonly environment: Record<string, string> }>>;
}

/** Values are written into the file, secrets are references. Variables that name a file of this machine are left out. */
function exportedVariables(variables: readonly GatewayVariable[]): Readonly<Record<string, string>> {
  const chosen = effectiveVariables(variables).filter(({ file }) => file === undefined);
  const values = environmentValues(chosen, { files: '', spared: SPARED_HOSTS, certificates: '' });
  const variableNamed = (name: string) => chosen.find((variable) => variable.name === name);
  // An HTTP proxy has two names, but the user gave only one.
  const sourceOf = (name: string) =>
    variableNamed(name) ?? variableNamed(name.toUpperCase()) ?? variableNamed(name.toLowerCase());
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const source = sourceOf(name);
      return [name, source?.isSecret ? `\${${source.name}:?is missing in .env}` : value.replaceAll('$', '$$$$')];
    }),
  );
}

/** The secrets among the variables as lines of a `.env` file for Compose. */
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

/** What the gateway gets besides docker-compose.yml. */
export interface GatewayAdditions {
  readonly variables?: readonly GatewayVariable[];
  /** Fields of its service. */
  readonly service?: Readonly<Record<string, unknown>>;
}

/**
 * docker-compose.yml with the values of this stack, as one file that only needs the secrets: they stay references, each of them
 * required.
 */
export function resolvedCompose(
  text: string,
  spec: StackSpec,
  { variables = [], service = {} }: GatewayAdditions = {},
): string {
  const settings: Readonly<Record<string, string>> = {
    ...settingsValues(spec),
    LITELLM_MEMORY: formatMemory(spec.memory ?? DEFAULT_MEMORY),
    LITELLM_REVISION: '',
  };
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
