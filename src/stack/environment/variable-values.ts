import type { Context } from '../../context/context.ts';
import { MOST_TEXT, readProblem } from '../../io/files/regular-file.ts';
import type { ConfigVariable } from '../../litellm/config/config.ts';
import { CliError } from '../../model/errors.ts';
import type { GatewayVariable, GivenVariable, VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';
import type { ConfigEnvironment } from './environment-flags.ts';

/** Where values come from. */
export interface Sources {
  readonly context: Pick<Context, 'clock' | 'cwd' | 'env' | 'files' | 'home' | 'runner' | 'signal'>;
  /** Those of the last `up`. */
  readonly kept: readonly GatewayVariable[];
}

export function variablesOfFlags(given: readonly GivenVariable[], sources: Sources): readonly GatewayVariable[] {
  return given.map(({ name, value }) =>
    value === undefined
      ? requireFrom({ name, from: name, source: 'flag' }, '--env', sources)
      : plain(name, value, 'flag'),
  );
}

export async function variablesOfConfig(
  { shown, variables }: ConfigEnvironment,
  sources: Sources,
): Promise<readonly GatewayVariable[]> {
  const found: GatewayVariable[] = [];
  for (const variable of variables) found.push(await ofConfig(variable, shown, sources));
  return found;
}

async function ofConfig(variable: ConfigVariable, shown: string, sources: Sources): Promise<GatewayVariable> {
  const { name } = variable;
  if ('value' in variable) return plain(name, variable.value, 'config');
  if ('file' in variable) return ofFile(name, variable.file, sources);
  return requireFrom({ name, from: variable.from, source: 'config' }, `env.${name} in ${shown}`, sources);
}

const plain = (name: string, value: string, source: VariableSource): GatewayVariable => ({
  name,
  value: requireUsable(name, value),
  isSecret: false,
  source,
});

/** A value that an earlier `up` has kept serves where the variable is not set, so that any shell can start the stack again. */
function requireFrom(
  { name, from, source }: { readonly name: string; readonly from: string; readonly source: VariableSource },
  where: string,
  { context: { env }, kept }: Sources,
): GatewayVariable {
  const value = env[from];
  if (value) return { name, value: requireUsable(name, value), isSecret: true, source, from };
  const before = kept.find((one) => one.name === name && one.source === source && one.from === from);
  if (before) return before;
  throw new CliError('usage', `Environment variable ${from} is not set, but ${where} takes its value from it`, {
    hint: `Set ${from}, then run the same command again`,
    details: { variable: from, name },
  });
}

async function ofFile(name: string, file: string, { context: { files }, kept }: Sources): Promise<GatewayVariable> {
  const text = await files.read(file, MOST_TEXT).catch((error) => {
    throw unreadable(name, file, readProblem(error));
  });
  if (text !== undefined) return { name, value: new Secret(text), isSecret: true, source: 'config', file };
  const before = kept.find((one) => one.name === name && one.file === file);
  if (before) return before;
  throw unreadable(name, file, 'ENOENT');
}

function unreadable(name: string, file: string, why: string): CliError {
  return new CliError('usage', `Cannot read ${file}, which ${name} names (${why})`, {
    hint: 'Correct the path, then run the same command again',
    details: { variable: name, file },
  });
}

/** Linux takes no longer variable. */
const MOST_BYTES = 120_000;

export function requireUsable(name: string, value: string): Secret {
  const isTooLong = Buffer.byteLength(value) > MOST_BYTES;
  if (!isTooLong && !value.includes('\0')) return new Secret(value);
  const problem = isTooLong ? 'is longer than 120 kB' : 'contains a null character';
  throw new CliError('usage', `The value of ${name} ${problem}`, {
    hint: `Give the gateway a file instead, in agents-llm.yaml: ${name}: {file: PATH}`,
    details: { variable: name },
  });
}
