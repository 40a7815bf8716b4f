import type { Context } from '../../context/context.ts';
import { MOST_TEXT, readProblem } from '../../io/files/regular-file.ts';
import type { ConfigVariable } from '../../litellm/config/config.ts';
import { CliError } from '../../model/errors.ts';
import type { GatewayVariable, GivenVariable, VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';
import type { ConfigEnvironment } from './environment-flags.ts';

/** Where the values of variables come from. */
export interface Sources {
  readonly context: Pick<Context, 'clock' | 'cwd' | 'env' | 'files' | 'home' | 'runner' | 'signal'>;
  /** The variables of the last `up`. */
  readonly kept: readonly GatewayVariable[];
}

/** The variables of the last `up` from a source: those for its network, or, without `network`, those with names of the user's. */
export function keptFrom(
  { kept }: Pick<Sources, 'kept'>,
  source: VariableSource,
  network?: GatewayVariable['network'],
): readonly GatewayVariable[] {
  return kept.filter((variable) => variable.source === source && variable.network === network);
}

export function variablesOfFlags(given: readonly GivenVariable[], sources: Sources): readonly GatewayVariable[] {
  return given.map(({ name, value }) =>
    value === undefined
      ? requireFrom({ name, from: name, source: 'flag', takenBy: '--env' }, sources)
      : literalVariable(name, value, 'flag'),
  );
}

export async function variablesOfConfig(
  { shown, variables }: ConfigEnvironment,
  sources: Sources,
): Promise<readonly GatewayVariable[]> {
  const resolved: GatewayVariable[] = [];
  for (const variable of variables) resolved.push(await configVariable(variable, shown, sources));
  return resolved;
}

async function configVariable(variable: ConfigVariable, shown: string, sources: Sources): Promise<GatewayVariable> {
  const { name } = variable;
  if ('value' in variable) return literalVariable(name, variable.value, 'config');
  if ('file' in variable) return fileVariable(name, variable.file, sources);
  const takenBy = `env.${name} in ${shown}`;
  return requireFrom({ name, from: variable.from, source: 'config', takenBy }, sources);
}

const literalVariable = (name: string, value: string, source: VariableSource): GatewayVariable => ({
  name,
  value: requireUsable(name, value),
  isSecret: false,
  source,
});

interface Reference {
  readonly name: string;
  /** The variable of this shell that has the value. */
  readonly from: string;
  readonly source: VariableSource;
  /** What names the reference, for the error. */
  readonly takenBy: string;
}

/** Uses the value of the last `up` if the variable is not set, so that any shell can start the stack again. */
export function requireFrom(
  { name, from, source, takenBy }: Reference,
  { context: { env }, kept }: Sources,
  details: Readonly<Record<string, string>> = { name },
): GatewayVariable {
  const value = env[from];
  if (value) return { name, value: requireUsable(name, value), isSecret: true, source, from };
  const earlier = kept.find(
    (variable) => variable.name === name && variable.source === source && variable.from === from,
  );
  if (earlier) return earlier;
  throw new CliError('usage', `Environment variable ${from} is not set, but ${takenBy} takes its value from it`, {
    hint: `Set ${from}, then run the same command again`,
    details: { variable: from, ...details },
  });
}

async function fileVariable(
  name: string,
  file: string,
  { context: { files }, kept }: Sources,
): Promise<GatewayVariable> {
  const text = await files.read(file, MOST_TEXT).catch((error) => {
    throw unreadable(name, file, readProblem(error));
  });
  if (text !== undefined) return { name, value: new Secret(text), isSecret: true, source: 'config', file };
  const earlier = kept.find((variable) => variable.name === name && variable.file === file);
  if (earlier) return earlier;
  throw unreadable(name, file, 'ENOENT');
}

function unreadable(name: string, file: string, why: string): CliError {
  return new CliError('usage', `Cannot read ${file}, which ${name} names (${why})`, {
    hint: 'Correct the path, then run the same command again',
    details: { variable: name, file },
  });
}

/** Linux does not accept a longer variable. */
export const MOST_BYTES = 120_000;

export function requireUsable(name: string, value: string): Secret {
  const isTooLong = Buffer.byteLength(value) > MOST_BYTES;
  if (!isTooLong && !value.includes('\0')) return new Secret(value);
  const problem = isTooLong ? 'is longer than 120 kB' : 'contains a null character';
  throw new CliError('usage', `The value of ${name} ${problem}`, {
    hint: `Give the gateway a file instead, in agents-llm.yaml: ${name}: {file: PATH}`,
    details: { variable: name },
  });
}
