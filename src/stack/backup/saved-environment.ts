import type { Operation } from '../../context/invocation.ts';
import { type GatewayVariable, parseEnvironment, secretsOfEnvironment } from '../../model/gateway-environment.ts';
import { variableProblem } from '../../model/owned-variables.ts';
import { writeEnvironment } from '../../project/environment.ts';
import { parseDotenv, setValue } from '../../text/dotenv.ts';

/** In the copy of `.env` beside an archive: base64url of JSON, because values there allow few characters. */
const VARIABLE = 'AGENTS_LLM_ENVIRONMENT';

/** The text of a `.env` with the variables of the gateway, as `environment.json` has them. */
export function withEnvironment(text: string, environment: string | undefined): string {
  return environment === undefined ? text : setValue(text, VARIABLE, Buffer.from(environment).toString('base64url'));
}

/** Gives a stack that has none the variables that were saved beside an archive. */
export async function restoreEnvironment(
  { context: { files }, settings: { paths }, redaction }: Pick<Operation, 'context' | 'settings' | 'redaction'>,
  saved: string,
): Promise<void> {
  if ((await files.owner(paths.environment)) !== undefined) return;
  const variables = parse(saved);
  redaction.add(secretsOfEnvironment(variables));
  await writeEnvironment(files, paths, variables);
}

/** Without what a stack sets itself: the file may be another program's. */
function parse(text: string): readonly GatewayVariable[] {
  const dotenv = parseDotenv(text);
  const value = dotenv.ok ? dotenv.values.get(VARIABLE) : undefined;
  const variables = value === undefined ? undefined : parseEnvironment(Buffer.from(value, 'base64url').toString());
  return (variables ?? []).filter(({ name, network }) => network === 'ca' || variableProblem(name) === undefined);
}
