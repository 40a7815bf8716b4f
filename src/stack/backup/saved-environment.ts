import type { Operation, Workplace } from '../../context/invocation.ts';
import {
  effectiveVariables,
  type GatewayVariable,
  PROXY_VARIABLES,
  parseEnvironment,
  secretsOfEnvironment,
} from '../../model/gateway-environment.ts';
import { variableProblem } from '../../model/owned-variables.ts';
import { commandLine } from '../../model/settings.ts';
import { readEnvironment, writeEnvironment } from '../../project/environment.ts';
import { embeddedJson, embedJson } from './embedded-json.ts';

const VARIABLE = 'AGENTS_LLM_ENVIRONMENT';

/** The text of a `.env` with the variables of the gateway, as `environment.json` has them. */
export function withEnvironment(text: string, environment: string | undefined): string {
  return environment === undefined ? text : embedJson(text, VARIABLE, environment);
}

/** For the manifest. The data can be backed up even if the variables cannot be read. */
export async function variableNames({ context, settings }: Workplace): Promise<readonly string[] | undefined> {
  const variables = await readEnvironment(context.files, settings.paths).catch(() => []);
  return variables.length === 0 ? undefined : namesOf(variables);
}

/** In a manifest, for certificate authorities, which no variable of the user's names. */
const CA = 'ca';

const namesOf = (variables: readonly GatewayVariable[]) =>
  effectiveVariables(variables).map(({ name, network }) => (network === 'ca' ? CA : name));

/** Warns of variables that the gateway had when the archive was made, and that it does not have now. */
export async function missingVariables(
  names: readonly string[] = [],
  { context, settings }: Workplace,
): Promise<readonly string[]> {
  const present = namesOf(await readEnvironment(context.files, settings.paths));
  const missing = names.filter((name) => !present.includes(name));
  if (missing.length === 0) return [];
  const shown = missing.map((name) => (name === CA ? 'a certificate authority' : name)).join(', ');
  const set = commandLine(settings.project, `up ${[...new Set(missing.map(flagFor))].join(' ')}`);
  return [`The gateway that was backed up had ${shown}, but this one does not. If it needs them: ${set}`];
}

function flagFor(name: string): string {
  if (name === CA) return '--ca FILE';
  return PROXY_VARIABLES.some((proxy) => proxy === name) ? '--proxy-from-env' : `--env ${name}`;
}

/** Gives the variables that were saved beside an archive to a stack that has none. */
export async function restoreEnvironment(
  { context: { files }, settings: { paths }, redaction, progress }: Operation,
  saved: string,
): Promise<void> {
  if ((await files.owner(paths.environment)) !== undefined) return;
  const variables = parseVariables(saved);
  if (variables.length === 0) return;
  redaction.add(secretsOfEnvironment(variables));
  progress.note(`Restoring the variables of the gateway (${namesOf(variables).join(', ')})`);
  await writeEnvironment(files, paths, variables);
}

/** Leaves out variables that a stack sets itself, because the file may be another program's. */
function parseVariables(text: string): readonly GatewayVariable[] {
  const json = embeddedJson(text, VARIABLE);
  const variables = json === undefined ? undefined : parseEnvironment(json);
  return (variables ?? []).filter(({ name, network }) => network === 'ca' || variableProblem(name) === undefined);
}
